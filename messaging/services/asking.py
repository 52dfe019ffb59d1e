"""Asking gateways what became of messages in doubt, where they answer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.services import Target, record
from compliance.services.gate import take_back_contacts
from core.services.surprises import each_by_itself
from messaging.channels.contract import Connection, Message, Result
from messaging.enums import DeliveryState, Idempotency, Outcome
from messaging.models import Delivery, Send
from messaging.rules.promises import ask_again_after, never_arrived
from messaging.selectors.recipients import addresses_of
from messaging.services.beginning import contacts_since, reference_of
from messaging.services.routes import Route, connected, route_of

PART = 200


def ask_all(*, now: datetime) -> int:
    """Answers of how many messages it is known now what became of them. Several at once ask about different ones."""
    by_send: dict[int, list[Delivery]] = defaultdict(list)
    for row in _taken(now):
        by_send[row.send_id].append(row)
    sends = Send.objects.filter(pk__in=by_send).select_related("gateway")
    return sum(each_by_itself(sends, lambda send: _ask(route_of(send), by_send[send.pk], now)))


def ask_about(*, delivery: Delivery, by: User, now: datetime) -> bool:
    """Ask now, because somebody wants to know. Whether it is known; False too where the gateway does not answer."""
    with transaction.atomic():
        target = Target(object_type="messaging.delivery", object_id=delivery.pk)
        record(by=by, action="messaging.ask_about", obj=target, at=now)
    send = Send.objects.select_related("gateway").get(pk=delivery.send_id)
    return bool(_ask(route_of(send), [delivery], now))


@transaction.atomic
def _taken(now: datetime) -> list[Delivery]:
    """Rows to ask about; the next time for each is set before the first call, so that a death asks later, not never."""
    rows = list(_unknown().filter(due_at__lte=now).select_for_update(skip_locked=True).order_by("due_at")[:PART])
    for row in rows:
        row.due_at = ask_again_after(row.begun_at or now, now)
    Delivery.objects.bulk_update(rows, ["due_at"])
    return rows


def _unknown() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.UNKNOWN)


def _ask(route: Route, rows: Sequence[Delivery], now: datetime) -> int:
    if route.promise.kind != Idempotency.QUERYABLE:
        return 0
    with connected(route) as outside:
        return sum(_write(row, answer, now) for row, answer in _answers(route, outside, rows))


def _answers(route: Route, outside: Connection, rows: Sequence[Delivery]) -> list[tuple[Delivery, Result | None]]:
    kind = route.adapter.identity
    members = [row.member_id for row in rows if row.member_id is not None]
    addresses = addresses_of(members, kind) if kind else {}
    found = []
    for row in rows:
        address = addresses.get(row.member_id or 0)
        message = Message(
            key=row.key,
            reference=row.pk,
            member_id=row.member_id or 0,
            to=address.text if address and address.lookup[:32] == row.address else "",
            text="",
        )
        found.append((row, outside.ask(message)))
    return found


@transaction.atomic
def _write(row: Delivery, answer: Result | None, now: datetime) -> bool:
    """None: the gateway does not know it. Long enough after it was offered, that means it never came there."""
    begun_at = row.begun_at or now
    if answer is None and never_arrived(begun_at, now):
        return _settle(row, DeliveryState.FAILED, now, error="never_arrived")
    if answer is None or answer.outcome in {Outcome.UNKNOWN, Outcome.LATER}:
        return False
    if answer.outcome == Outcome.SENT:
        return _settle(row, DeliveryState.SENT, now, external_id=answer.external_id)
    return _settle(row, DeliveryState.FAILED, now, error=answer.error)


def _settle(row: Delivery, state: DeliveryState, now: datetime, **said: str) -> bool:
    settled = _unknown().filter(pk=row.pk).update(state=state, due_at=None, lease=None, ended_at=now, **said)
    if settled and state == DeliveryState.FAILED and row.member_id is not None:
        take_back_contacts(contacts=[(row.member_id, reference_of(row.pk))], since=contacts_since(row.begun_at or now))
    return bool(settled)
