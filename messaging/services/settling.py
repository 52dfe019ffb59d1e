"""A person's word about a message in doubt. Nothing else ends a doubt that no gateway answers."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import Target, record_many
from compliance.services.gate import take_back_contacts
from core.services.waking import wake_after_commit
from messaging.enums import DeliveryState, SendState
from messaging.errors import NotInDoubt, ReasonNeeded, SendStateWrong
from messaging.models import Delivery, Send
from messaging.services.beginning import contacts_since, reference_of
from messaging.services.sends import QUEUE, TASK, require_unexpired


@transaction.atomic
def settle(*, delivery_ids: Sequence[int], delivered: bool, again: bool, reason: str, by: User, now: datetime) -> int:
    """They arrived, or did not and have failed, or did not and are to go `again`; answers how many.

    Raises ReasonNeeded, NotInDoubt where one of them is not in doubt any more, SendStateWrong where its send cannot
    send again, TextNotApproved where its words may no longer go.
    """
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": [ReasonNeeded.message]})
    sends = set(Delivery.objects.filter(pk__in=delivery_ids).values_list("send", flat=True))
    repeats = again and not delivered
    if repeats:
        _reopen(sends, now=now)
    rows = list(
        Delivery.objects.select_for_update().filter(pk__in=delivery_ids, state=DeliveryState.UNKNOWN).order_by("pk")
    )
    if len(rows) < len(set(delivery_ids)):
        raise NotInDoubt
    if not delivered:
        _never_contacted(rows)
    chosen = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    if repeats:
        chosen.update(state=DeliveryState.PENDING, due_at=now, lease=None, begun_at=None, ended_at=None)
    else:
        state = DeliveryState.SENT if delivered else DeliveryState.FAILED
        chosen.update(state=state, due_at=None, lease=None, ended_at=now)
    word = "delivered" if delivered else "again" if repeats else "not_delivered"
    record_many(
        by=by,
        action="messaging.settle_doubt",
        targets=[
            Target(object_type="messaging.delivery", object_id=row.pk, changes={"state": ["unknown", word]})
            for row in rows
        ],
        reason=reason,
        at=now,
    )
    return len(rows)


def _reopen(send_ids: set[int], *, now: datetime) -> None:
    """A send that ended with doubts goes on for those that are sent again, as long as its time lasts."""
    for send in Send.objects.select_for_update().filter(pk__in=send_ids).order_by("pk"):
        if send.state not in {SendState.RUNNING, SendState.PAUSED, SendState.DONE} or send.not_after <= now:
            raise SendStateWrong
        require_unexpired(send)
        if send.state == SendState.DONE:
            send.state, send.ended_at = SendState.RUNNING, None
        send.wake_at = None
        send.save(update_fields=["state", "ended_at", "wake_at"])
        wake_after_commit(TASK, send.pk, queue=QUEUE)


def _never_contacted(rows: Sequence[Delivery]) -> None:
    contacts = [(row.member_id, reference_of(row.pk)) for row in rows if row.member_id is not None]
    began = [row.begun_at for row in rows if row.begun_at is not None]
    if contacts and began:
        take_back_contacts(contacts=contacts, since=contacts_since(min(began)))
