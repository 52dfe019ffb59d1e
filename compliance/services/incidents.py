"""Incidents: opened with the clock running, the list drawn, both decisions made, closed (PIPL Art. 57)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from compliance.enums.registers import TO_BE_REPORTED, Audience, Decision
from compliance.errors.registers import EntryNotValid, IncidentClosed, IncidentOpen
from compliance.models import Incident, IncidentDecision
from compliance.rules.incident_notices import draft_notice, is_unfinished
from compliance.selectors.incidents import affected_persons

FIELDS = (
    *("title", "categories", "cause", "harm", "measures", "advice", "contact"),
    *("happened_from", "happened_to", "found_at", "grade", "is_drill"),
)

# Values shown in full and copies are audit rows about the member; whose data a file held, its own list says. A file
# counts from when it was written or fetched within the window.
_AFFECTED = """
INSERT INTO compliance_incidentmember (incident_id, member_id, exposure)
SELECT %(incident)s, member_id, exposure
FROM (
    SELECT CASE action WHEN 'members.reveal_identity' THEN object_id ELSE changes #>> '{member,1}' END::bigint AS member_id,
        CASE action WHEN 'members.reveal_identity' THEN 'revealed' ELSE 'copied' END AS exposure
    FROM audit_auditentry
    WHERE action IN ('members.reveal_identity', 'compliance.copy_made')
        AND at BETWEEN %(since)s AND %(until)s AND (%(actor)s::bigint IS NULL OR actor_id = %(actor)s)
    UNION
    SELECT held.subject_id, 'exported'
    FROM accounts_exportsubject AS held
    WHERE held.export_id IN (
        SELECT object_id::bigint FROM audit_auditentry
        WHERE action IN ('accounts.make_export', 'accounts.download_export') AND object_type = 'accounts.export'
            AND at BETWEEN %(since)s AND %(until)s AND (%(actor)s::bigint IS NULL OR actor_id = %(actor)s)
    )
) AS found
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def open_incident(*, values: Mapping[str, Any], by: User, now: datetime) -> Incident:
    """Begin the record; the clock runs from `found_at`. Raises EntryNotValid naming each field."""
    row = Incident(opened_by=by)
    _take(row, values, now=now)
    row.save()
    record(by=by, action="compliance.open_incident", obj=row, changes={"grade": [None, row.grade]}, at=now)
    return row


@transaction.atomic
def change_incident(*, incident: Incident, values: Mapping[str, Any], by: User, now: datetime) -> Incident:
    """What is known meanwhile. Raises EntryNotValid, IncidentClosed."""
    row = _open(incident)
    before = {name: getattr(row, name) for name in FIELDS}
    _take(row, values, now=now)
    row.save()
    changes = changes_between(before, {name: getattr(row, name) for name in FIELDS})
    if changes:
        record(by=by, action="compliance.change_incident", obj=row, changes=changes, at=now)
    return row


@transaction.atomic
def list_affected(*, incident: Incident, actor: User | None, by: User, now: datetime) -> int:
    """Work out whose data were shown, exported or copied within its window, by everybody or by one account.

    Set-based, over the access audit and the lists of exports. Lists of several accounts add up. Answers how many
    members are on the list now. Raises IncidentClosed.
    """
    row = _open(incident)
    account = actor.pk if actor else None
    with connection.cursor() as cursor:
        cursor.execute(
            _AFFECTED,
            {"incident": row.pk, "since": row.happened_from, "until": row.happened_to, "actor": account},
        )
    row.listed_at = now
    row.save(update_fields=["listed_at"])
    found = affected_persons(row)
    said: dict[str, list[Any]] = {"members": [None, found], "actor": [None, account]}
    record(by=by, action="compliance.list_affected", obj=row, changes=said, at=now)
    return found


@transaction.atomic
def decide_telling(
    *,
    incident: Incident,
    audience: Audience | str,
    decision: Decision | str,
    words: str,
    reason: str,
    by: User,
    now: datetime,
) -> IncidentDecision:
    """Keep whether they were told, with the words, or why not. A later decision stands beside the earlier.

    Raises EntryNotValid (nothing to fill in may be left in the words; from “larger” on the authority is told),
    IncidentClosed.
    """
    row = _open(incident)
    if audience not in Audience.values or decision not in {Decision.NOTIFIED, Decision.NOT_NOTIFIED}:
        raise EntryNotValid(fields={"decision": [_("Choose one of the list.")]})
    told = decision == Decision.NOTIFIED
    _require_words(row, Audience(audience), words if told else None, reason)
    made = IncidentDecision.objects.create(
        incident=row,
        audience=audience,
        decision=decision,
        words=words.strip() if told else "",
        reason=reason.strip()[:2000],
        decided_at=now,
        decided_by=by,
    )
    said = {"audience": [None, str(audience)], "decision": [None, str(decision)]}
    record(by=by, action="compliance.decide_telling", obj=row, reason=reason, changes=said, at=now)
    return made


@transaction.atomic
def close_incident(*, incident: Incident, lessons: str, by: User, now: datetime) -> Incident:
    """The end of the record: the list is drawn and it is decided whom to tell. Raises IncidentOpen, EntryNotValid."""
    row = _open(incident)
    lacks = _lacks(row)
    if lacks:
        raise IncidentOpen(fields={"close": lacks})
    if not lessons.strip():
        raise EntryNotValid(fields={"lessons": [_("Say what follows from it.")]})
    row.lessons, row.closed_at, row.closed_by = lessons.strip()[:2000], now, by
    row.save(update_fields=["lessons", "closed_at", "closed_by"])
    record(by=by, action="compliance.close_incident", obj=row, at=now)
    return row


def notice_draft(incident: Incident, audience: Audience) -> str:
    """The words to begin with, in the language of whoever asks."""
    moments = {"from": incident.happened_from, "until": incident.happened_to, "found": incident.found_at}
    facts = {name: getattr(incident, name) for name in FIELDS[:7]}
    facts |= {name: f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" for name, moment in moments.items()}
    facts |= {"grade": incident.get_grade_display(), "persons": f"{affected_persons(incident):,}"}
    return draft_notice(audience=audience, facts=facts)


def _lacks(row: Incident) -> list[str]:
    decided = set(row.decisions.values_list("audience", flat=True))
    lacks = [] if row.listed_at else [_("The list of affected members has not been drawn.")]
    if Audience.AUTHORITY not in decided:
        lacks.append(_("It is not decided whether the authority is told."))
    if Audience.MEMBERS not in decided:
        lacks.append(_("It is not decided whether the members are told."))
    return lacks


def _require_words(row: Incident, audience: Audience, words: str | None, reason: str) -> None:
    if words is not None:
        if not words.strip():
            raise EntryNotValid(fields={"words": [_("The words that were sent are kept with the decision.")]})
        if is_unfinished(words):
            raise EntryNotValid(fields={"words": [_("A place to fill in is left (【…】).")]})
        return
    if not reason.strip():
        raise EntryNotValid(
            fields={
                "reason": [_("Say why nobody is told; Art. 57 allows it only where the harm is effectively averted.")]
            }
        )
    if audience == Audience.AUTHORITY and row.grade in TO_BE_REPORTED and not row.is_drill:
        raise EntryNotValid(fields={"decision": [_("From the grade “larger” on the authority has to be told.")]})


def _take(row: Incident, values: Mapping[str, Any], *, now: datetime) -> None:
    for name in FIELDS:
        if name in values:
            given = values[name]
            setattr(row, name, given.strip() if isinstance(given, str) else given)
    try:
        row.clean_fields(exclude=[each.name for each in row._meta.fields if each.name not in FIELDS])
    except ValidationError as error:
        raise EntryNotValid(fields=error.message_dict) from None
    if row.happened_to < row.happened_from:
        raise EntryNotValid(fields={"happened_to": [_("The end lies before the beginning.")]})
    if row.found_at > now:
        raise EntryNotValid(fields={"found_at": [_("That has not happened yet.")]})


def _open(incident: Incident) -> Incident:
    row = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if not row.is_open:
        raise IncidentClosed
    return row
