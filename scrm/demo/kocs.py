# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""KOC of the demo brand: chosen by their scores, asked, active; some promoted, one paused, one gone; their effect known.

What being a KOC adds is drawn here, so that the measurement has a truth to find: `EXTRA_SHARE` of the KOC order once more
within the thirty days after, on average `EXTRA_SHARE` × `EXTRA_PRICE` yuan each, and so do `EXTRA_AROUND` of the members
in their groups. Groups of `communities.NOT_YET_IN` have no KOC yet.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import User
from community.enums.koc import AgreementKind, AnswerSource, KocLevel, KocState
from community.models import Group, GroupParticipant, Koc, KocScore
from community.selectors.koc_scores import next_candidates
from community.selectors.kocs import agreement_in_force
from community.services import koc_effects, kocs
from community.services.koc_scoring import score_everybody
from members.models import Member
from scrm.demo.arrays import Stream, stream
from scrm.demo.communities import NOT_YET_IN
from timeline.services import PurchaseLineIn, record_purchases

Say = Callable[[str], None]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SEED = 1
CHOSEN_AGO, PROMOTED_AGO = 38 * DAY, 33 * DAY
#: Of the members in groups, in percent: near the lower end of what is aimed at, so that some are still missing.
FIRST_WAVE, LATER = 9, 24
EXTRA_SHARE, EXTRA_AROUND, EXTRA_PRICE, EXTRA_DAYS = 0.6, 0.12, 158, 30


def choose(*, now: datetime, say: Say) -> None:
    """Once: the first wave, five weeks ago, nothing where there is a KOC already, or no group.

    Nobody of the groups whose turn comes later is asked, so that there are members and groups to compare with.
    """
    if Koc.objects.exists() or not Group.objects.exists():
        return
    marketer = User.objects.get(username="marketer")
    began = now - CHOSEN_AGO
    run = score_everybody(by=None, now=began)
    later = set(GroupParticipant.objects.filter(group__store__code__in=NOT_YET_IN).values_list("member", flat=True))
    first = [row for row in next_candidates(marketer, now=began, count=run.members) if row.member_id not in later]
    wave = first[: run.members * FIRST_WAVE // 100]
    members = Member.objects.in_bulk([row.member_id for row in wave])
    invited = kocs.invite_all(members=[members[row.member_id] for row in wave], by=marketer, now=began).kocs
    programme = agreement_in_force(AgreementKind.PROGRAMME).version
    for place, koc in enumerate(invited):
        at = began + HOUR * (2 + place % 60)
        if place % 11 == 10:
            kocs.decline(koc=koc, by=marketer, now=at, reason="近期较忙")
        else:
            kocs.accept(koc=koc, version=programme, source=AnswerSource.STAFF, by=marketer, now=at)
    active = list(Koc.objects.filter(state=KocState.ACTIVE).order_by("pk"))
    _promote(active, marketer, now - PROMOTED_AGO)
    _buy_more(active, later, now)
    say(f"chosen: {len(invited)} invited, {len(active)} became KOC")


def go_on(*, now: datetime, say: Say) -> None:
    """The weeks since: scores week by week, one KOC paused, one gone, the next candidates asked."""
    active = list(Koc.objects.filter(state=KocState.ACTIVE).order_by("pk"))
    if not active or Koc.objects.exclude(state__in=(KocState.ACTIVE, KocState.DECLINED)).exists():
        return
    marketer = User.objects.get(username="marketer")
    for weeks in (4, 3, 2, 1):
        score_everybody(by=None, now=now - weeks * 7 * DAY)
    kocs.pause(koc=active[-1], by=marketer, now=now - 6 * DAY, reason="休产假，三个月后恢复")
    kocs.leave(koc=active[-2], by=marketer, now=now - 4 * DAY, reason="本人提出，暂时没有时间")
    score_everybody(by=None, now=now - DAY)
    rows = next_candidates(marketer, now=now - 2 * DAY, count=LATER)
    members = Member.objects.in_bulk([row.member_id for row in rows])
    kocs.invite_all(members=members.values(), by=marketer, now=now - 2 * DAY, reason="得分进入前列")
    say(f"asked: {len(members)} more candidates")


def measure(*, now: datetime, say: Say) -> None:
    """When the days are summed up: the scores of today, and the effect beside matched members."""
    if not Koc.objects.exists():
        return
    score_everybody(by=None, now=now)
    run = koc_effects.measure(by=None, now=now)
    say(f"measured: {KocScore.objects.count()} scores, the effect of {run.observed} KOC")


def _promote(active: Sequence[Koc], marketer: User, at: datetime) -> None:
    """The best have the third level, the next ones the second: founders, named by hand."""
    share = agreement_in_force(AgreementKind.REVENUE_SHARE).version
    for koc in active[:6]:
        kocs.agree_to_share(koc=koc, version=share, source=AnswerSource.STAFF, by=marketer, now=at)
        kocs.set_level(koc=koc, level=KocLevel.REVENUE_SHARE, by=marketer, now=at, reason="首批共创官，推荐力强")
    for koc in active[6:16]:
        kocs.set_level(koc=koc, level=KocLevel.PRIORITY, by=marketer, now=at, reason="首批共创官")


def _buy_more(active: Sequence[Koc], later: Collection[int | None], now: datetime) -> None:
    draw = stream(SEED, "kocs")
    begun = [(koc.member_id, koc.since) for koc in active if koc.member_id is not None and koc.since is not None]
    lines = [_extra(draw, place, *each) for place, each in enumerate(begun) if draw.random() < EXTRA_SHARE]
    last = max((since for _member, since in begun), default=now)
    around = GroupParticipant.objects.filter(member__isnull=False, staff=None).exclude(member__in=later)
    others = around.exclude(member__in=[member for member, _since in begun]).values_list("member", flat=True)
    chosen = [member for member in sorted(set(others)) if member and draw.random() < EXTRA_AROUND]
    lines += [_extra(draw, len(begun) + place, member, last) for place, member in enumerate(chosen)]
    record_purchases(rows=lines, now=now)


def _extra(draw: Stream, place: int, member: int, since: datetime) -> PurchaseLineIn:
    at = since + timedelta(days=1 + float(draw.random()) * (EXTRA_DAYS - 5))
    return PurchaseLineIn(
        line_no=1,
        member_id=member,
        source="mall",
        order_no=f"KX-{place:04}",
        line_at=at.replace(microsecond=0),
        product_code="YF-S02",
        product_name="悦肤 玻尿酸水光精华 30ml",
        quantity=Decimal(1),
        unit_price=Decimal(EXTRA_PRICE),
        channel="小程序",
    )
