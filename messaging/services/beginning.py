"""The moment before a message leaves: judged, addressed, written as "sending", counted; all of it in one transaction.

When it commits the message has begun. A refusal that commits before is seen by the gate; one that commits after came
later than the message (`compliance.services.turns`).
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import connection, transaction
from django.urls import reverse

from compliance.enums.consent import Reason
from compliance.rules.gate import Policy, Terms, next_loud
from compliance.selectors.gate import Verdict, answers, counted_contacts, terms_for
from compliance.selectors.settings import current_policy
from compliance.services.gate import ContactIn, record_contacts, take_back_contacts
from compliance.services.turns import hold_for_caps, hold_for_judging
from messaging.channels.contract import Message
from messaging.enums import DeliveryState, SendState, Withheld
from messaging.models import Send
from messaging.rules.caps import free_from
from messaging.rules.keys import key_of
from messaging.rules.ledger_sql import BEGIN, GIVE_BACK, HOLD_BACK, MINE, STANDING
from messaging.rules.promises import in_doubt_from, may_repeat
from messaging.rules.texts import OF_MEMBER, names_in, render
from messaging.selectors.recipients import Address, addresses_of, values_of
from messaging.services.limits import spend_day
from messaging.services.routes import Route

Clock = Callable[[], datetime]
SALT = "messaging.refusal"
#: These pass by themselves: a message that meets one waits.
PASSING = frozenset({Reason.QUIET_HOURS, Reason.FREQUENCY_CAP, Reason.CHANNEL_LIMIT})


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the ledger as a worker claimed it."""

    id: int
    member_id: int | None
    begun_at: datetime | None
    attempts: int
    variables: Mapping[str, str] | None

    @property
    def reference(self) -> str:
        return reference_of(self.id)


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A message that may leave now. `in_doubt`: it may have left at an earlier try."""

    message: Message
    begun_at: datetime
    attempts: int
    in_doubt: bool
    address: str
    event_id: int | None
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """`due_at` where it waits, or where its gateway is to be asked."""

    row: Row
    state: DeliveryState
    reason: str
    due_at: datetime | None = None


def reference_of(delivery_id: int) -> str:
    """As the contacts that the caps count name a message."""
    return f"delivery:{delivery_id}"


def contacts_since(begun_at: datetime) -> datetime:
    """No contact of a message is older than its beginning; the clocks of two hosts differ by little."""
    return begun_at - timedelta(minutes=5)


@transaction.atomic
def begin(*, route: Route, ids: Sequence[int], lease: uuid.UUID, until: timedelta, clock: Clock) -> list[Begun]:
    """Those of the claimed rows that may leave now are "sending" when this commits; call the gateway then, not before.

    `until`: how long the lease is from now. Rows of another lease are left alone, all of them where the send has been
    paused or ended meanwhile.
    """
    is_running, others = _standing(route.send)
    if not is_running:
        give_back(ids=ids, lease=lease)
        return []
    rows = _mine(ids, lease)
    if not rows:
        return []
    members = [row.member_id for row in rows if row.member_id is not None]
    hold_for_judging(members)
    hold_for_caps(alone=others)
    now = clock()
    repeats = [row for row in rows if row.begun_at is not None]
    _take_back(repeats)
    ready, held = _judged(route, rows, members, now)
    ready, held = _within_the_day(route, ready, held, now)
    _write_begun(ready, until=now + until, now=now)
    _write_held(held, now=now)
    _count(route, ready, [each.row for each in held if each.row.begun_at is not None], now)
    return ready


def give_back(*, ids: Sequence[int], lease: uuid.UUID) -> None:
    """What was claimed and not begun waits again."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, {"ids": list(ids), "lease": lease})


def _standing(send: Send) -> tuple[bool, bool]:
    """Whether it runs, and whether other sends have messages at hand, which may be to the same members.

    Whoever pauses or ends it waits for those who begin, and the other way round. Of two workers at different sends the
    later one finds the rows of the other claimed: one at least counts contacts alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [send.pk])
        found = cursor.fetchone()
    return (False, False) if found is None else (found[0] == SendState.RUNNING, found[1])


def _mine(ids: Sequence[int], lease: uuid.UUID) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(MINE, {"ids": list(ids), "lease": lease})
        return [
            Row(id=row[0], member_id=row[1], begun_at=row[2], attempts=row[3], variables=_loaded(row[4]))
            for row in cursor.fetchall()
        ]


def _loaded(variables: Any) -> Mapping[str, str] | None:
    found: Mapping[str, str] | None = json.loads(variables) if isinstance(variables, str) else variables
    return found


def _take_back(repeats: Sequence[Row]) -> None:
    """A repeat is not a second contact: its own stands in nobody's way."""
    contacts = [(row.member_id, row.reference) for row in repeats if row.member_id is not None]
    if contacts:
        first = min(row.begun_at for row in repeats if row.begun_at is not None)
        take_back_contacts(contacts=contacts, since=contacts_since(first))


def _judged(
    route: Route, rows: Sequence[Row], members: Sequence[int], now: datetime
) -> tuple[list[Begun], list[HeldBack]]:
    policy = current_policy()
    terms = terms_for(purpose=route.send.purpose, channel=route.send.channel, at=now, policy=policy)
    verdicts = answers(members, [terms])[0]
    allowed = [number for number, verdict in verdicts.items() if verdict.allowed]
    free = _free_from([number for number, verdict in verdicts.items() if verdict.reason in PASSING], terms, policy)
    kind = route.adapter.identity
    names = [name for name in names_in(route.send.subject, route.send.text) if name in OF_MEMBER]
    known = _Known(addresses_of(allowed, kind) if kind else {}, values_of(allowed, names), now)
    ready: list[Begun] = []
    held: list[HeldBack] = []
    for row in rows:
        verdict = verdicts.get(row.member_id or 0)
        reason = _against(route, row, verdict, known)
        if reason is None and verdict is not None:
            begun = _begun(route, row, verdict, known)
            if begun is not None:
                ready.append(begun)
                continue
            reason = Withheld.MISSING_VARIABLE
        held.append(_held(route, row, str(reason), free.get(row.member_id or 0), now))
    return ready, held


@dataclass(frozen=True)
class _Known:
    """Of the members who may be contacted."""

    addresses: Mapping[int, Address]
    values: Mapping[int, Mapping[str, str]]
    now: datetime


def _against(route: Route, row: Row, verdict: Verdict | None, known: _Known) -> str | None:
    """The first thing that stands against a message; None: nothing."""
    if verdict is None:
        return Withheld.GONE
    if not verdict.allowed:
        return verdict.reason
    if row.begun_at is not None and not may_repeat(route.promise, begun_at=row.begun_at, now=known.now):
        return Reason.ALLOWED  # the gateway has forgotten its key: nobody knows, and nobody may repeat it
    if route.adapter.identity and verdict.member_id not in known.addresses:
        return Withheld.NO_ADDRESS
    return None


def _begun(route: Route, row: Row, verdict: Verdict, known: _Known) -> Begun | None:
    """None where a value of the text is missing."""
    values = {**known.values.get(verdict.member_id, {}), **(row.variables or {})}
    subject, text = render(route.send.subject, values), render(route.send.text, values)
    if subject.missing or text.missing:
        return None
    address = known.addresses.get(verdict.member_id)
    message = Message(
        key=str(key_of(row.id)),
        reference=row.id,
        member_id=verdict.member_id,
        to=address.text if address else "",
        subject=subject.text,
        text=text.text,
        refuse_url=refusal_path(verdict.member_id, route.send.channel) if route.adapter.links_refusal else "",
        purpose=route.send.purpose,
        values=values,
    )
    return Begun(
        message=route.adapter.compose(route.setup, message),
        begun_at=row.begun_at or known.now,
        attempts=row.attempts + 1,
        in_doubt=row.begun_at is not None,
        address=address.lookup[:32] if address else "",
        event_id=verdict.event_id,
        values=values,
    )


def refusal_path(member_id: int, channel: str) -> str:
    """The page where she refuses by one tap; the address is hers alone, and ends with her consent, not before."""
    return reverse("refusals:refuse", args=(signing.dumps([member_id, channel], salt=SALT),))


def _held(route: Route, row: Row, reason: str, free_at: datetime | None, now: datetime) -> HeldBack:
    """What passes is waited for, within the time of the send; what may have left before is never "not sent"."""
    waits = free_at is not None and free_at <= route.send.not_after
    if row.begun_at is not None and not (
        waits and may_repeat(route.promise, begun_at=row.begun_at, now=free_at or now)
    ):
        ending = in_doubt_from(route.promise, begun_at=row.begun_at, now=now)
        return HeldBack(row=row, state=ending.state, reason=reason, due_at=ending.due_at)
    if waits:
        return HeldBack(row=row, state=DeliveryState.PENDING, reason=reason, due_at=free_at)
    return HeldBack(row=row, state=DeliveryState.SKIPPED, reason=reason)


def _free_from(members: Sequence[int], terms: Terms, policy: Policy) -> Mapping[int, datetime]:
    """When quiet hours and caps let each of these through, as far as is known now; nobody who is never let through."""
    if not members:
        return {}
    loud = next_loud(policy, terms.at)
    contacts = counted_contacts(members, terms)
    found = {}
    for number in members:
        hers = contacts.get(number, [])
        everywhere = free_from(
            [at for at, _channel in hers if at > terms.cap_from],
            most=terms.cap,
            window=terms.at - terms.cap_from,
            now=terms.at,
        )
        here = free_from(
            [at for at, channel in hers if channel == terms.channel and at > terms.limit_from],
            most=terms.limit,
            window=terms.at - terms.limit_from,
            now=terms.at,
        )
        if everywhere is not None and here is not None:
            found[number] = next_loud(policy, max(loud, everywhere, here))
    return found


def _within_the_day(
    route: Route, ready: list[Begun], held: list[HeldBack], now: datetime
) -> tuple[list[Begun], list[HeldBack]]:
    """What a gateway with a limit of the day has left; the others wait for the next one."""
    if route.gateway.daily_limit is None or not ready:
        return ready, held
    spent = spend_day(gateway=route.gateway, wanted=len(ready), now=now)
    late = [
        HeldBack(
            row=Row(
                id=each.message.reference,
                member_id=each.message.member_id,
                begun_at=each.begun_at if each.in_doubt else None,
                attempts=each.attempts - 1,
                variables=each.values,
            ),
            state=DeliveryState.PENDING,
            reason=Withheld.DAILY_LIMIT,
            due_at=spent.next_day,
        )
        for each in ready[spent.granted :]
    ]
    return ready[: spent.granted], [*held, *late]


def _write_begun(ready: Sequence[Begun], *, until: datetime, now: datetime) -> None:
    if not ready:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            BEGIN,
            {
                "ids": [each.message.reference for each in ready],
                "events": [each.event_id for each in ready],
                "addresses": [each.address for each in ready],
                "values": [json.dumps(each.values, ensure_ascii=False) if each.values else None for each in ready],
                "until": until,
                "now": now,
            },
        )


def _write_held(held: Sequence[HeldBack], *, now: datetime) -> None:
    if not held:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            HOLD_BACK,
            {
                "ids": [each.row.id for each in held],
                "states": [each.state.value for each in held],
                "reasons": [str(each.reason) for each in held],
                "due": [each.due_at for each in held],
                "now": now,
            },
        )


def _count(route: Route, ready: Sequence[Begun], in_doubt: Sequence[Row], now: datetime) -> None:
    """A contact for each message that begins, and for each that may have left before and does not begin again."""
    pairs = [(each.message.member_id, each.message.reference) for each in ready]
    pairs += [(row.member_id, row.id) for row in in_doubt if row.member_id is not None]
    record_contacts(
        contacts=[
            ContactIn(
                member_id=member_id,
                purpose=route.send.purpose,
                channel=route.send.channel,
                reference=reference_of(delivery_id),
            )
            for member_id, delivery_id in pairs
        ],
        now=now,
    )
