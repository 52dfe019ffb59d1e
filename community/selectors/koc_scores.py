"""Scores as they stand: the weights in force, the last run, how many are to be KOC, who could be next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from community.enums.koc import STANDING, Fact, KocLevel, KocState
from community.models import Koc, KocScore, KocSettings, LevelRule, ScoreRun, ScoreScale, ScoreWeights
from community.rules.koc_scoring import PARTS, PartChange, Scale, Scored, Weighing, changes_of
from compliance.enums.consent import Channel, Purpose, Reason
from compliance.selectors.gate import verdicts
from compliance.selectors.settings import contact_settings
from members.models import Member

ADULT = 18
#: What keeps somebody from being asked at all; that she has not consented yet is what the invitation is about.
BARRED = (Reason.ERASED, Reason.MERGED, Reason.RESTRICTED, Reason.MINOR)
LOOKED_AT = 4


@dataclass(frozen=True, kw_only=True)
class Target:
    """How many of the members in groups are to be KOC: shares of `members`, as whole people."""

    members: int
    low: int
    high: int
    standing: int
    invited: int

    @property
    def short(self) -> int:
        """Fewer than the lower end now: whoever is invited is no KOC before she accepts."""
        return max(0, self.low - self.standing)

    @property
    def missing(self) -> int:
        """To invite until the lower end is reached, if all of them accept."""
        return max(0, self.low - self.standing - self.invited)

    @property
    def room(self) -> int:
        """To invite until the upper end is reached."""
        return max(0, self.high - self.standing - self.invited)

    @property
    def share(self) -> float | None:
        return 100 * self.standing / self.members if self.members else None

    @property
    def state(self) -> str:
        if not self.members:
            return ""
        return "watch" if self.standing < self.low or self.standing > self.high else "good"


def koc_settings() -> KocSettings:
    """The one row; one that is missing reads as the defaults."""
    return KocSettings.objects.first() or KocSettings()


def weights_in_force() -> ScoreWeights:
    return ScoreWeights.objects.order_by("-version")[0]


def weighing_of(weights: ScoreWeights) -> Weighing:
    scales = ScoreScale.objects.filter(weights=weights).values_list("fact", "half", "share")
    return Weighing(
        version=weights.version,
        weights={part: getattr(weights, part.value) for part in PARTS},
        scales={Fact(fact): Scale(half, share) for fact, half, share in scales},
        window_days=weights.window_days,
    )


def latest_run() -> ScoreRun | None:
    return ScoreRun.objects.select_related("weights", "by").order_by("-id").first()


def days_of(as_of: datetime, window_days: int) -> tuple[date, date]:
    """The window as local days: the first, and the one after the last."""
    until = timezone.localtime(as_of).date()
    return until - timedelta(days=window_days), until


def target(weights: ScoreWeights, run: ScoreRun | None) -> Target:
    """Of everybody in groups as of the last run; the lower end rounded up, the upper one down but never below it."""
    members = run.members if run else 0
    states = Koc.objects.filter(state__in=(*STANDING, KocState.INVITED)).values_list("state", flat=True)
    standing = sum(state in STANDING for state in states)
    low = int((members * weights.share_low / 100).to_integral_value(ROUND_CEILING)) if members else 0
    high = int((members * weights.share_high / 100).to_integral_value(ROUND_FLOOR)) if members else 0
    return Target(members=members, low=low, high=max(low, high), standing=standing, invited=len(states) - standing)


def least_score() -> Decimal:
    """Below it nobody is proposed, however few are above."""
    rule = LevelRule.objects.filter(level=KocLevel.CO_CREATION).first()
    return rule.enter_score if rule else Decimal(0)


def adult_born_by(day: date) -> date:
    """Born after it: a minor, with whom no contract of this kind is made."""
    try:
        return day.replace(year=day.year - ADULT)
    except ValueError:  # 29 February
        return day.replace(year=day.year - ADULT, day=28)


def candidates(user: User, *, now: datetime) -> QuerySet[KocScore]:
    """Members in groups that are no KOC and may be asked now, the best first.

    Who declined rests as long as after any refusal of a consent, who left or was demoted as long as the settings say.
    """
    resting = now - timedelta(days=koc_settings().rest_days)
    declined = now - timedelta(days=contact_settings().reask_days)
    taken = Koc.objects.filter(
        Q(state__in=(*STANDING, KocState.INVITED))
        | Q(state=KocState.DECLINED, ended_at__gt=declined)
        | Q(state__in=(KocState.LEFT, KocState.DEMOTED), ended_at__gt=resting),
        member__isnull=False,
    )
    bound = adult_born_by(timezone.localtime(now).date())
    absorbed = Member.objects.filter(merged_into__isnull=False, birthday__gt=bound)
    young = Q(member__birthday__gt=bound) | Q(member__in=absorbed.values("merged_into"))
    return (
        KocScore.objects.shown()
        .filter(member__in=Member.objects.visible_to(user), total__gte=least_score())
        .exclude(member__in=taken.values("member"))
        .exclude(young)
        .order_by("-total", "member_id")
    )


def next_candidates(user: User, *, now: datetime, count: int) -> list[KocScore]:
    """The first `count` whom no restriction bars; the gate is asked about a few times as many at once."""
    found: list[KocScore] = []
    rows = candidates(user, now=now)
    for start in range(0, LOOKED_AT * max(count, 1), max(count, 1)):
        lot = list(rows[start : start + max(count, 1)])
        answers = verdicts([row.member_id for row in lot], purpose=Purpose.PUBLISH, channel=Channel.ANY, at=now)
        found += [row for row in lot if row.member_id in answers and not barred(answers[row.member_id].refusals)]
        if len(found) >= count or len(lot) < count:
            break
    return found[:count]


def barred(refusals: Sequence[Reason]) -> Reason | None:
    return next((reason for reason in refusals if reason in BARRED), None)


def scored(row: KocScore) -> Scored:
    return Scored(total=row.total, parts=row.parts, facts=row.facts)


def moves_of(row: KocScore) -> list[PartChange]:
    """What raised or lowered a score since the last run of an earlier day; nothing where there was none."""
    if row.before_total is None or row.before_run is None or row.before_parts is None or row.before_facts is None:
        return []
    before = Scored(total=row.before_total, parts=row.before_parts, facts=row.before_facts)
    return changes_of(before, scored(row), weighing_of(row.before_run.weights), weighing_of(row.run.weights))
