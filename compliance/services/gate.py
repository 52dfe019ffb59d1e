"""What the gate leaves behind: verdicts of a send, and the contacts that the caps count."""

# the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audit.services import record
from compliance.enums.consent import Channel, Purpose
from compliance.errors.consent import VerdictsExist
from compliance.models import GateRun
from compliance.selectors.gate import Audience, first_reason, gate_sql, positional, terms_for

STORE = """
, verdict AS (
    INSERT INTO compliance_gateverdict (run_id, member_id, reason, event_id)
    SELECT %(run_id)s, member_id, {reason}, event_id FROM facts RETURNING reason
)
SELECT reason, count(*) FROM verdict GROUP BY 1
"""
_COUNT = """
INSERT INTO compliance_contactevent (member_id, occurred_at, purpose, channel, counts, reference)
SELECT member_id, %(now)s, purpose, channel, counts, reference
FROM unnest(%(members)s::bigint[], %(purposes)s::text[], %(channels)s::text[], %(counts)s::boolean[], %(references)s::text[])
    AS given (member_id, purpose, channel, counts, reference)
"""
_TAKE_BACK = """
DELETE FROM compliance_contactevent AS contact
USING unnest(%(members)s::bigint[], %(references)s::text[]) AS gone (member_id, reference)
WHERE contact.member_id = gone.member_id AND contact.reference = gone.reference AND contact.occurred_at >= %(since)s
"""


@dataclass(frozen=True, kw_only=True)
class ContactIn:
    """A message on its way to one member. `counts` is False for what is not addressed to her alone, or no marketing."""

    member_id: int
    purpose: str = Purpose.MARKETING
    channel: Channel | str
    counts: bool = True
    reference: str = ""


@transaction.atomic
def freeze_verdicts(
    *, audience: Audience, purpose: str, channel: str, at: datetime, reference: str, by: User | None, now: datetime
) -> GateRun:
    """Judge an audience for a send and keep the verdict over each recipient, as evidence. One statement, whatever the size.

    `reference` names the send ("campaign:12:step:1") and can be judged once: VerdictsExist. At the moment of sending
    `selectors.gate.verdicts` is asked again: a consent withdrawn in between holds.
    """
    terms = terms_for(purpose=purpose, channel=channel, at=at)
    (run_id,) = _next_run()
    sql, values = gate_sql(audience, terms)
    sql += STORE.format(reason=first_reason(terms))
    with connection.cursor() as cursor:
        cursor.execute(*positional(sql, {**values, "run_id": run_id}))
        counts = dict(cursor.fetchall())
    run = GateRun(
        pk=run_id,
        reference=reference,
        purpose=purpose,
        channel=terms.channel,
        at=at,
        judged_at=now,
        settings={name: str(value) for name, value in asdict(terms).items()},
        counts=counts,
        by=by,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        raise VerdictsExist from None
    record(by=by, action="compliance.freeze_verdicts", obj=run, changes={"counts": [None, counts]}, at=now)
    return run


@transaction.atomic
def record_contacts(*, contacts: Sequence[ContactIn], now: datetime) -> int:
    """Count contacts, in the transaction that sets "sending": no message leaves uncounted. Answers how many."""
    if not contacts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "members": [each.member_id for each in contacts],
                "purposes": [str(each.purpose) for each in contacts],
                "channels": [str(each.channel) for each in contacts],
                "counts": [each.counts and each.purpose == Purpose.MARKETING for each in contacts],
                "references": [each.reference for each in contacts],
                "now": now,
            },
        )
    return len(contacts)


@transaction.atomic
def take_back_contacts(*, contacts: Sequence[tuple[int, str]], since: datetime) -> int:
    """Forget contacts that came to nothing, by member and reference, none older than `since`. Answers how many.

    For whoever sends: a message that certainly did not go counts to no cap.
    """
    if not contacts:
        return 0
    members, references = zip(*sorted(set(contacts)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, {"members": list(members), "references": list(references), "since": since})
        return int(cursor.rowcount)


def _next_run() -> tuple[int]:
    """The verdicts go in by the same statement that judges, before the row with their counts: it needs its number first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('compliance_gaterun', 'id'))")
        (number,) = cursor.fetchone()
    return (int(number),)
