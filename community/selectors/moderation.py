"""What is looked for, what waits, what was decided and by whom."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Count, F, Max, Min, Q, QuerySet

from accounts.models import User
from community.enums.moderation import READING, Outcome, ViolationState
from community.models import Appeal, GroupParticipant, ModerationSettings, Violation, ViolationRule
from community.rules.finding import Reader, Rule, Word
from compliance.rules.folding import Folding
from compliance.selectors.lexicon import check_text
from core.services.sealing import Opened, open_rows

EXCERPT = Violation._meta.get_field("excerpt")
APPEAL = Appeal._meta.get_field("text")
KEPT_READERS = 2
LADDER = (Outcome.WARNED, Outcome.MUTED, Outcome.REMOVED)


def moderation_settings() -> ModerationSettings:
    """The one row; one that is missing reads as the defaults."""
    return ModerationSettings.objects.first() or ModerationSettings(pk=1, share_low=0, share_high=1)


def active_rules() -> list[ViolationRule]:
    """In the order in which they claim a message: what waits for a person first."""
    return list(ViolationRule.objects.filter(is_active=True).order_by("-sensitive", "position", "pk"))


def reader_of(rules: Iterable[ViolationRule]) -> Reader:
    """Made ready once for rules as they are now."""
    facts = (
        (rule.pk, rule.kind, json.dumps(rule.parameters, sort_keys=True)) for rule in rules if rule.kind in READING
    )
    return _reader(tuple(facts))


@lru_cache(maxsize=KEPT_READERS)
def _reader(facts: tuple[tuple[int, str, str], ...]) -> Reader:
    return Reader([Rule(number, kind, json.loads(parameters)) for number, kind, parameters in facts], _words)


def _words(text: str, folding: Folding) -> Iterable[Word]:
    return (Word(each.start, each.end, each.severity, each.pack) for each in check_text(text, folding).found)


def shown(violations: QuerySet[Violation]) -> QuerySet[Violation]:
    return violations.select_related(
        "group", "participant__member", "participant__staff", "rule", "decided_by", "first_by", "appeal"
    )


def waiting(user: User) -> QuerySet[Violation]:
    """What she may decide: sensitive ones first, then the longest waiting."""
    return shown(Violation.objects.visible_to(user).open()).order_by("-sensitive", "detected_at", "pk")


def open_appeals(user: User) -> QuerySet[Appeal]:
    """The longest waiting first."""
    found = Appeal.objects.filter(outcome="", violation__in=Violation.objects.visible_to(user))
    return found.select_related(
        "violation__group", "participant__member", "participant__staff", "appealed_by"
    ).order_by("made_at", "pk")


def excerpts_of(violations: Sequence[Violation]) -> Mapping[int, Opened]:
    """Text by violation; None where none was kept or its time is over, ERASED where the person was erased."""
    return dict(zip([row.pk for row in violations], open_rows(EXCERPT, violations), strict=True))


def appeal_text(appeal: Appeal) -> Opened:
    return open_rows(APPEAL, [appeal])[0]


@dataclass(frozen=True, slots=True)
class Share:
    """Of everything first decided between two moments: how much by the machine, and what became of that."""

    since: datetime
    until: datetime
    machine: int
    people: int
    corrected: int
    appealed: int
    appeals_open: int
    upheld: int

    @property
    def decided(self) -> int:
        return self.machine + self.people

    @property
    def share(self) -> float | None:
        """None where nothing was decided."""
        return self.machine / self.decided if self.decided else None

    @property
    def upheld_share(self) -> float | None:
        """Of the machine's decisions whose appeal was answered; None where there is none."""
        answered = self.appealed - self.appeals_open
        return self.upheld / answered if answered else None


def machine_share(user: User, *, until: datetime, days: int) -> Share:
    """`corrected` were set right by a person without an appeal."""
    since = until - timedelta(days=days)
    decided = Violation.objects.visible_to(user).filter(
        state=ViolationState.DECIDED, first_at__gte=since, first_at__lt=until
    )
    machine = Q(first_by=None)
    appealed = machine & Q(appeal__isnull=False)
    counts = decided.aggregate(
        machine=Count("pk", filter=machine),
        people=Count("pk", filter=~machine),
        corrected=Count("pk", filter=machine & Q(appeal=None) & ~Q(outcome=F("first_outcome"))),
        appealed=Count("pk", filter=appealed),
        appeals_open=Count("pk", filter=appealed & Q(appeal__outcome="")),
        upheld=Count("pk", filter=appealed & Q(appeal__outcome="upheld")),
    )
    return Share(since=since, until=until, **counts)


@dataclass(frozen=True, slots=True)
class Offender:
    """A participant with her upheld violations of the last days."""

    participant: GroupParticipant
    upheld: int
    first: datetime
    last: datetime
    kinds: tuple[tuple[str, int], ...]
    heaviest: str


def repeat_offenders(user: User, *, now: datetime, most: int = 50) -> list[Offender]:
    """Who has so many upheld violations within the days that the settings say, the most first."""
    settings = moderation_settings()
    since = now - timedelta(days=settings.repeat_days)
    upheld = Violation.objects.visible_to(user).upheld().filter(occurred_at__gte=since)
    rows = list(
        upheld.values("participant")
        .annotate(upheld=Count("pk"), first=Min("occurred_at"), last=Max("occurred_at"))
        .filter(upheld__gte=settings.repeat_least)
        .order_by("-upheld", "-last")[:most]
    )
    people = GroupParticipant.objects.select_related("group", "member", "staff").in_bulk(
        [row["participant"] for row in rows]
    )
    kinds: dict[int, dict[str, int]] = {}
    outcomes: dict[int, set[str]] = {}
    each = upheld.filter(participant__in=people).order_by().values_list("participant", "kind", "outcome")
    for participant, kind, outcome, count in each.annotate(Count("pk")):
        counts = kinds.setdefault(participant, {})
        counts[kind] = counts.get(kind, 0) + count
        outcomes.setdefault(participant, set()).add(outcome)
    return [
        Offender(
            participant=people[row["participant"]],
            upheld=row["upheld"],
            first=row["first"],
            last=row["last"],
            kinds=tuple(sorted(kinds[row["participant"]].items(), key=lambda pair: -pair[1])),
            heaviest=max(outcomes[row["participant"]], key=LADDER.index),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Record:
    """What a participant did before: upheld within the days of a repeat offender, dismissed, and what is usual next."""

    upheld: int
    dismissed: int
    days: int
    usual: str


def record_of(violation: Violation) -> Record:
    """Without this violation itself."""
    settings = moderation_settings()
    since = violation.occurred_at - timedelta(days=settings.repeat_days)
    before = Violation.objects.filter(participant=violation.participant_id, occurred_at__gte=since).exclude(
        pk=violation.pk
    )
    upheld = before.upheld().count()
    dismissed = before.filter(outcome=Outcome.DISMISSED).count()
    step = 0 if not upheld else (1 if upheld < settings.repeat_least else 2)
    return Record(upheld=upheld, dismissed=dismissed, days=settings.repeat_days, usual=LADDER[step])
