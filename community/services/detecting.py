"""Finding violations in a batch of messages while their texts are in hand; what was found waits, or is decided by rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from audit.services import Target, record
from community.enums.moderation import COUNTING, ViolationKind
from community.models import ModerationSettings, Violation, ViolationRule
from community.rules.counting_sql import DUPLICATES, FLOODS
from community.rules.finding import excerpt
from community.selectors.moderation import EXCERPT, active_rules, moderation_settings, reader_of
from core.models.relations import Relation, as_relation, stage
from core.services.sealing import SubjectErased, SubjectKeys, subject_keys

QUIET = timedelta(minutes=30)  # floods of one participant within it are one
FETCHED, SLICE, BEGINNING = 2_000, 1_000_000, 40  # rows, characters, characters
STAGED = {"place": "int", "message_id": "bigint", "rule_id": "bigint"}
FOUND = {
    "message_id": "bigint",
    "rule_id": "bigint",
    "also": "jsonb",
    "counted": "int",
    "group_id": "bigint",
    "participant_id": "bigint",
    "occurred_at": "timestamptz",
    "excerpt": "bytea",
}
# What a rule finds counts where its speakers are meant. The first rule claims a message, the others are named beside.
_CLAIM = """
SELECT found.place, found.message_id, found.rule_id, batch.group_id, batch.participant_id, batch.sent_at
FROM {found} AS found
JOIN {batch} AS batch ON batch.message_id = found.message_id
JOIN community_violationrule AS rule ON rule.id = found.rule_id
WHERE rule.speakers = 'anyone' OR (rule.speakers = 'staff') = (batch.staff_id IS NOT NULL)
ORDER BY found.message_id, rule.sensitive DESC, rule.position, rule.id
"""
_KEEP = """
INSERT INTO community_violation (
    group_id, participant_id, message_id, rule_id, kind, also, sensitive, counted, excerpt, expires_at, occurred_at,
    detected_at, state, first_outcome, outcome, note
)
SELECT found.group_id, found.participant_id, found.message_id, found.rule_id, rule.kind, found.also, rule.sensitive,
    found.counted, found.excerpt, CASE WHEN found.excerpt IS NOT NULL THEN %(expires)s::timestamptz END,
    found.occurred_at, %(now)s, 'open', '', '', ''
FROM {found} AS found JOIN community_violationrule AS rule ON rule.id = found.rule_id
ORDER BY found.occurred_at, found.message_id
ON CONFLICT (message_id) WHERE message_id IS NOT NULL DO NOTHING
RETURNING id
"""
# In the order in which they were said: the first few of a participant go by rule, then a person looks. A mute is from
# the message on.
_DECIDE = """
WITH fresh AS (
    SELECT violation.id, rule.automatic, rule.automatic_most, (
        SELECT count(*) FROM community_violation AS before
        WHERE before.participant_id = violation.participant_id AND before.outcome <> 'dismissed'
            AND before.occurred_at > violation.occurred_at - %(span)s
            AND (before.occurred_at, before.id) < (violation.occurred_at, violation.id)
    ) AS earlier
    FROM community_violation AS violation JOIN community_violationrule AS rule ON rule.id = violation.rule_id
    WHERE violation.id = ANY(%(ids)s) AND rule.automatic <> '' AND NOT violation.sensitive
)
UPDATE community_violation AS violation
SET state = 'decided', first_outcome = fresh.automatic, first_at = %(now)s, outcome = fresh.automatic,
    decided_at = %(now)s, muted_until = CASE WHEN fresh.automatic = 'muted' THEN violation.occurred_at + %(mute)s END
FROM fresh WHERE fresh.id = violation.id AND fresh.earlier < fresh.automatic_most
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One message that goes against a rule."""

    message_id: int
    rule_id: int
    also: tuple[int, ...]
    counted: int | None
    group_id: int
    participant_id: int
    occurred_at: datetime
    excerpt: str


def find_violations(cursor: CursorWrapper, batch: Relation, now: datetime) -> None:
    """The recent messages of the batch against all rules; `batch` as `community.models.BatchScan` says.

    What was said longer ago than the settings say is nobody's concern any more: an old chat that is imported today warns
    and mutes nobody.
    """
    rules = active_rules()
    settings = moderation_settings()
    since = (now - timedelta(days=settings.scan_days)).isoformat()
    relation = f"(SELECT * FROM {as_relation(batch)} AS whole WHERE sent_at >= timestamptz '{since}')"  # noqa: S608  # a relation and a moment
    cases = _read(cursor, relation, [rule for rule in rules if rule.kind not in COUNTING])
    counting = [rule for rule in rules if rule.kind in COUNTING]
    cases += [case for rule in counting for case in _counted(cursor, relation, rule)]
    if cases:
        _keep(cursor, cases, rules, settings, now=now)


def _read(cursor: CursorWrapper, relation: str, rules: Sequence[ViolationRule]) -> list[Case]:
    """What the rules that read find, slice by slice of the batch."""
    if not rules:
        return []
    reader = reader_of(rules)
    words: list[str] = []
    rows: list[tuple[int, int, int]] = []
    for numbers, said in _slices(relation):
        for each in reader.find(said):
            rows.append((len(rows), numbers[each.text], each.rule))
            words.append(excerpt(said[each.text], each.start, each.end))
    if not rows:
        return []
    staged = stage("community_found", STAGED, rows)
    cursor.execute(_CLAIM.format(found=staged, batch=relation))
    return list(_claimed(cursor.fetchall(), words))


def _slices(relation: str) -> Iterator[tuple[list[int], list[str]]]:
    """Numbers and texts of the batch, about a million characters at a time, however long it is."""
    with connection.chunked_cursor() as reading:
        reading.execute(f"SELECT message_id, text FROM {relation} AS batch WHERE text <> ''")  # noqa: S608  # a relation
        numbers: list[int] = []
        said: list[str] = []
        characters = 0
        while rows := reading.fetchmany(FETCHED):
            numbers += [number for number, _text in rows]
            said += [text for _number, text in rows]
            characters += sum(len(text) for _number, text in rows)
            if characters >= SLICE:
                yield numbers, said
                numbers, said, characters = [], [], 0
        if numbers:
            yield numbers, said


def _claimed(rows: Sequence[Any], words: Sequence[str]) -> Iterator[Case]:
    for message_id, claims in groupby(rows, key=lambda row: row[1]):
        (place, _message, rule, group, participant, sent_at), *others = claims
        also = tuple(other[2] for other in others)
        yield Case(message_id, rule, also, None, group, participant, sent_at, words[place])


def _counted(cursor: CursorWrapper, relation: str, rule: ViolationRule) -> Iterator[Case]:
    """Floods and repeated texts; of what is repeated the beginning is kept, a flood needs no words."""
    speakers = {"anyone": "true", "staff": "staff_id IS NOT NULL"}.get(rule.speakers, "staff_id IS NULL")
    repeats = rule.kind == ViolationKind.DUPLICATE
    statement = (DUPLICATES if repeats else FLOODS).format(batch=relation, speakers=speakers)
    values: dict[str, Any] = {**_spans(rule), "rule": rule.pk, "quiet": QUIET}
    cursor.execute(statement, values)
    found = cursor.fetchall()
    texts = _texts(cursor, relation, [message_id for message_id, *_rest in found]) if repeats else {}
    for message_id, group, participant, sent_at, count in found:
        words = excerpt(texts.get(message_id, ""), 0, BEGINNING)
        yield Case(message_id, rule.pk, (), count, group, participant, sent_at, words)


def _texts(cursor: CursorWrapper, relation: str, numbers: list[int]) -> dict[int, str]:
    cursor.execute(
        f"SELECT message_id, text FROM {relation} AS batch WHERE message_id = ANY(%(ids)s)",  # noqa: S608  # a relation
        {"ids": numbers},
    )
    return dict(cursor.fetchall())


def _spans(rule: ViolationRule) -> dict[str, Any]:
    told = rule.parameters
    if rule.kind == ViolationKind.FLOOD:
        return {"most": told["messages"], "span": timedelta(seconds=told["seconds"])}
    return {"most": told["times"], "span": timedelta(hours=told["hours"]), "length": told["least_length"]}


def _keep(
    cursor: CursorWrapper,
    cases: Sequence[Case],
    rules: Sequence[ViolationRule],
    settings: ModerationSettings,
    *,
    now: datetime,
) -> None:
    """One message is one case; excerpts are sealed, and the rules decide what they may."""
    rows = list(
        _rows(cases, {rule.pk: rule.kind for rule in rules})
    )  # it asks the database, which a COPY would hold up
    staged = stage("community_violations_found", FOUND, rows)
    expires = now + timedelta(days=settings.excerpt_days)
    cursor.execute(_KEEP.format(found=staged), {"now": now, "expires": expires})
    ids = [number for (number,) in cursor.fetchall()]
    if not ids:
        return
    values: dict[str, Any] = {"ids": ids, "now": now, "span": timedelta(days=settings.repeat_days)}
    values["mute"] = timedelta(hours=settings.mute_hours)
    cursor.execute(_DECIDE, values)
    changes = {"found": [0, len(ids)], "by_machine": [0, cursor.rowcount]}
    target = Target(object_type=Violation._meta.label_lower, object_id=ids[0])
    record(by=None, action="community.find_violations", obj=target, changes=changes, at=now)


def _rows(cases: Sequence[Case], kinds: Mapping[int, str]) -> Iterator[tuple[Any, ...]]:
    """The first case of each message, its excerpt sealed."""
    first: dict[int, Case] = {}
    for case in cases:
        first.setdefault(case.message_id, case)
    keys, erased = _keys({case.participant_id for case in first.values() if case.excerpt})
    for case in first.values():
        also = [kinds[rule] for rule in case.also]
        words = case.excerpt if case.participant_id not in erased else ""
        yield (
            *(case.message_id, case.rule_id, _json(also), case.counted, case.group_id, case.participant_id),
            *(case.occurred_at, keys.seal(EXCERPT, case.participant_id, words) if words else None),
        )


def _json(kinds: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{kind}"' for kind in dict.fromkeys(kinds)) + "]"


def _keys(participants: set[int]) -> tuple[SubjectKeys, frozenset[int]]:
    """Keys of those that have not been erased, and those that have."""
    try:
        return subject_keys(EXCERPT.subject_kind, participants), frozenset()
    except SubjectErased as gone:
        return subject_keys(EXCERPT.subject_kind, participants - gone.subject_ids), gone.subject_ids
