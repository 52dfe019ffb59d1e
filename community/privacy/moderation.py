"""Violations and titles: given out on request, and what goes with her."""

# ruff: noqa: S608  # names of tables are written here; every value is a bound parameter

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.models import (
    Appeal,
    GroupParticipant,
    TitleHolding,
    Violation,
)
from community.models.violations import SUBJECT
from community.privacy.groups import names_in, whole_numbers
from community.selectors.moderation import APPEAL, EXCERPT
from core.registries import KnownNames, PrivacyHandler, Purge, classify, known_names, privacy, purges
from core.services.erasing import run
from core.services.sealing import destroy_keys, open_rows

HERS = "participant_id IN (SELECT id FROM community_groupparticipant WHERE member_id = %(id)s)"
_FORGET_EXCERPTS = f"UPDATE community_violation SET excerpt = NULL, expires_at = NULL, note = '' WHERE {HERS} AND (excerpt IS NOT NULL OR note <> '')"
_FORGET_APPEALS = f"UPDATE community_appeal SET text = NULL, expires_at = NULL, note = '' WHERE {HERS} AND (text IS NOT NULL OR note <> '')"
_FORGET_TITLES = f"DELETE FROM community_titleholding WHERE {HERS}"


def export_moderation(member_id: int) -> Mapping[str, Any]:
    """What was found of hers in groups and what was decided, what she said against it, the titles she held."""
    hers = list(GroupParticipant.objects.filter(member=member_id).values_list("pk", flat=True))
    violations = list(Violation.objects.filter(participant__in=hers).select_related("group").order_by("occurred_at"))
    appeals = list(Appeal.objects.filter(participant__in=hers).order_by("made_at"))
    holdings = TitleHolding.objects.filter(participant__in=hers).select_related("title", "group").order_by("since")
    return {
        "violations": [
            {
                "group": row.group.name,
                "kind": row.kind,
                "at": row.occurred_at.isoformat(),
                "excerpt": str(text or ""),
                "decision": row.outcome,
            }
            for row, text in zip(violations, open_rows(EXCERPT, violations), strict=True)
        ],
        "appeals": [
            {"at": row.made_at.isoformat(), "text": str(text or ""), "answer": row.outcome, "reason": row.note}
            for row, text in zip(appeals, open_rows(APPEAL, appeals), strict=True)
        ],
        "titles": [
            {
                "group": row.group.name,
                "title": row.title.name_zh,
                "since": row.since.isoformat(),
                "lost_on": row.lost_on.isoformat() if row.lost_on else None,
            }
            for row in holdings
        ],
    }


def erase_moderation(member_id: int) -> int:
    """That something was decided in the group stays; the words go, and the keys with which they were sealed."""
    hers = list(GroupParticipant.objects.filter(member=member_id).values_list("pk", flat=True))
    changed = sum(run(statement, id=member_id) for statement in (_FORGET_EXCERPTS, _FORGET_APPEALS, _FORGET_TITLES))
    destroy_keys(SUBJECT, hers, now=timezone.now())
    return changed


def names_of_violations(numbers: Iterable[str]) -> dict[str, list[str]]:
    return names_in(Violation.objects.filter(pk__in=whole_numbers(numbers)))


def names_of_appeals(numbers: Iterable[str]) -> dict[str, list[str]]:
    return names_in(Appeal.objects.filter(pk__in=whole_numbers(numbers)))


known_names.register(KnownNames(code="community.violation", names=names_of_violations))
known_names.register(KnownNames(code="community.appeal", names=names_of_appeals))
privacy.register(
    PrivacyHandler(
        code="community.moderation",
        label=_("Violations in groups and titles"),
        subject_kind="member",
        export=export_moderation,
        erase=erase_moderation,
        beside=("community_violation", "community_appeal", "community_titleholding"),
        order=55,  # before what takes the member off her participants
    )
)
_HELD = "participant_id IN (SELECT id FROM community_groupparticipant WHERE member_id = ANY(%(held)s::bigint[]))"
_OLD_TEXTS = (
    ("community_violation", "excerpt"),
    ("community_appeal", "text"),
)


def count_texts(before: datetime, held: Sequence[int]) -> int:
    return sum(_count(table, _expired(table, column), before, held) for table, column in _OLD_TEXTS)


def purge_texts(before: datetime, held: Sequence[int], batch: int) -> int:
    return sum(
        run(
            f"UPDATE {table} SET {column} = NULL, expires_at = NULL WHERE id IN "
            f"(SELECT id FROM {table} WHERE {_expired(table, column)} LIMIT %(batch)s)",
            before=before,
            held=list(held),
            batch=batch,
        )
        for table, column in _OLD_TEXTS
    )


def _expired(table: str, column: str) -> str:
    """Whoever answers an appeal can read until then."""
    waits = "violation_id" if table == "community_appeal" else "id"
    appealed = f"{table}.{waits} IN (SELECT violation_id FROM community_appeal WHERE outcome = '')"
    return f"{column} IS NOT NULL AND expires_at < %(before)s AND NOT {_HELD} AND NOT {appealed}"


_OLD = f"state = 'decided' AND decided_at < %(before)s AND NOT {_HELD}"


def count_violations(before: datetime, held: Sequence[int]) -> int:
    return _count("community_violation", _OLD, before, held)


def purge_violations(before: datetime, held: Sequence[int], batch: int) -> int:
    """With their appeals."""
    chosen = f"SELECT id FROM community_violation WHERE {_OLD} ORDER BY id LIMIT %(batch)s"
    values = {"before": before, "held": list(held), "batch": batch}
    run(f"DELETE FROM community_appeal WHERE violation_id IN ({chosen})", **values)
    return run(f"DELETE FROM community_violation WHERE id IN ({chosen})", **values)


def _count(table: str, condition: str, before: datetime, held: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}", {"before": before, "held": list(held)})
        return int(cursor.fetchone()[0])


purges.register_all(
    (
        Purge(
            code="moderation_excerpts",
            label=_("Excerpts of violations and words of appeals, after their time"),
            days=1,
            count=count_texts,
            purge=purge_texts,
            order=26,
        ),
        Purge(
            code="violations",
            label=_("Decided violations in groups"),
            days=731,
            count=count_violations,
            purge=purge_violations,
            order=27,
        ),
    )
)
classify(
    "community_violationrule",
    none="id name_zh name_en kind parameters speakers sensitive automatic automatic_most position is_active changed_at",
)
classify(
    "community_moderationsettings",
    none="id scan_days excerpt_days appeal_days mute_hours repeat_least repeat_days share_days share_low share_high",
)
classify(
    "community_violation",
    identifier="excerpt note",
    quasi="id participant_id message_id",
    behavioural="group_id rule_id kind also sensitive counted occurred_at outcome first_outcome muted_until state",
    none="expires_at detected_at reported_by_id first_by_id first_at decided_by_id decided_at",
)
classify(
    "community_appeal",
    identifier="text note",
    quasi="id participant_id violation_id",
    behavioural="made_at appealed_outcome outcome",
    none="expires_at filed_by_id appealed_by_id decided_by_id decided_at",
)
classify(
    "community_title",
    none="id name_zh name_en type_id kind level window_days active_days messages mentioned violations_most benefit_zh "
    "benefit_en is_active",
)
classify(
    "community_titleholding",
    quasi="id participant_id",
    behavioural="title_id group_id since active_days messages mentioned lost_on lost_why lost_active_days "
    "lost_messages lost_mentioned",
)
classify(
    "community_valueplan",
    none="id group_id weekday time type_id title begins_on ended_on by_id created_at changed_at",
)
