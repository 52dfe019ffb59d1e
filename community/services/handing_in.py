"""Deliveries: a seat taken, something handed in, approved with its reward or returned with a reason.

A conditional update decides about the seats, so that there are never more than the task has, however many ask at once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel
from accounts.models import User
from accounts.services import send_notice
from audit.services import record
from community.enums.koc import STANDING, KocState
from community.enums.ledger import Book, Booking
from community.enums.ugc import UgcKind, UgcSource
from community.enums.work import OWING, DeliveryState, TaskState
from community.errors.work import (
    DeliveryNotValid,
    DeliveryStateWrong,
    TaskFull,
    TaskNotHers,
    TaskStateWrong,
)
from community.models import Delivery, Koc, Task
from community.rules.levels import reaches
from community.services.booking import alone, book, is_booked
from community.services.ugc import UgcIn, offer_ugc
from community.services.work_files import keep_work_file, remove_work_files
from content.rules.links import is_web_address
from core.errors import ScrmError
from loyalty.rules.source import GIVEN, Source
from loyalty.services.coupons import claim
from members.models import Member

LONGEST_TEXT, LONGEST_LINK, LONGEST_REASON = 10_000, 1000, 500


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What is handed in: a text, a link, a file, or several of them."""

    text: str = ""
    link: str = ""
    file: "UploadedFile[bytes] | None" = None


@transaction.atomic
def accept_task(*, task: Task, koc: Koc, by: User | None, now: datetime) -> Delivery:
    """Take a seat for her; asked twice it is the same. Raises TaskNotHers, TaskStateWrong, TaskFull."""
    koc = Koc.objects.select_for_update().get(pk=koc.pk)
    task = Task.objects.get(pk=task.pk)
    held: Delivery | None = Delivery.objects.filter(task=task, koc=koc).first()
    if held is not None and held.state != DeliveryState.DROPPED:
        return held
    if koc.state != KocState.ACTIVE or not reaches(koc.level, task.level):
        raise TaskNotHers
    free = Q(seats=None) | Q(taken__lt=F("seats"))
    if not Task.objects.filter(free, pk=task.pk, state=TaskState.OPEN, due_at__gt=now).update(taken=F("taken") + 1):
        task.refresh_from_db()
        raise TaskFull if task.state == TaskState.OPEN and task.due_at > now else TaskStateWrong
    delivery = held or Delivery(task=task, koc=koc)
    delivery.state, delivery.accepted_at, delivery.by = DeliveryState.ACCEPTED, now, by
    delivery.save()
    _record(delivery, "community.accept_task", by=by, now=now)
    return delivery


@transaction.atomic
def deliver(*, delivery: Delivery, piece: Piece, by: User | None, now: datetime) -> Delivery:
    """Hand something in, again after it was returned. Raises DeliveryNotValid, DeliveryStateWrong, TaskNotHers."""
    delivery = _locked(delivery, *OWING)
    if delivery.koc.member_id is None or delivery.koc.state not in STANDING:
        raise TaskNotHers(_("She is no KOC any more: what was handed in before counts, nothing new is taken."))
    _check(piece)
    before = delivery.file
    if piece.file is not None:
        delivery.file = keep_work_file(member_id=delivery.koc.member_id, file=piece.file, now=now)
    delivery.text, delivery.link = _plain(piece.text), piece.link.strip()
    delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, now
    delivery.times, delivery.late, delivery.by = delivery.times + 1, now > delivery.task.due_at, by
    delivery.save()
    if before is not None and piece.file is not None:
        remove_work_files([before])
    changes: dict[str, list[Any]] = {"times": [delivery.times - 1, delivery.times], "late": [None, delivery.late]}
    _record(delivery, "community.deliver", by=by, now=now, changes=changes)
    return delivery


@transaction.atomic
def approve_delivery(*, delivery: Delivery, by: User, now: datetime) -> Delivery:
    """It is what was asked for: she gets the reward, and what she made goes into the library. Once, however often asked.

    What she has earned is hers though she has left meanwhile. A coupon that cannot be given is said to the owner.
    """
    with connection.cursor() as cursor:
        alone(cursor)
    delivery = _locked(delivery, DeliveryState.DELIVERED)
    _decide(delivery, DeliveryState.APPROVED, "", by=by, now=now)
    changes: dict[str, list[Any]] = {"state": ["delivered", "approved"]}
    if amount := _reward(delivery, by=by, now=now):
        changes["reward"] = [None, amount]
    _record(delivery, "community.approve_delivery", by=by, now=now, changes=changes)
    _give_coupon(delivery, by=by, now=now)
    _into_library(delivery, by=by, now=now)
    return delivery


@transaction.atomic
def return_delivery(*, delivery: Delivery, reason: str, by: User, now: datetime) -> Delivery:
    """She is to change something. Raises DeliveryNotValid without a reason."""
    delivery = _locked(delivery, DeliveryState.DELIVERED)
    said = _reason(reason)
    _decide(delivery, DeliveryState.RETURNED, said, by=by, now=now)
    _record(delivery, "community.return_delivery", by=by, now=now, reason=said)
    return delivery


@transaction.atomic
def drop_delivery(*, delivery: Delivery, reason: str, by: User | None, now: datetime) -> Delivery:
    """Her seat is free again: she gave it up, or it is taken from her because nothing came."""
    delivery = _locked(delivery, *OWING)
    said = _reason(reason)
    Task.objects.filter(pk=delivery.task_id).update(taken=F("taken") - 1)
    delivery.state, delivery.reason = DeliveryState.DROPPED, said
    delivery.save(update_fields=["state", "reason"])
    _record(delivery, "community.drop_delivery", by=by, now=now, reason=said)
    return delivery


def _locked(delivery: Delivery, *states: DeliveryState) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("task", "koc", "file")
    locked: Delivery = rows.get(pk=delivery.pk)
    if locked.state not in states:
        raise DeliveryStateWrong
    return locked


def _decide(delivery: Delivery, state: DeliveryState, reason: str, *, by: User, now: datetime) -> None:
    delivery.state, delivery.reason, delivery.decided_by, delivery.decided_at = state, reason, by, now
    delivery.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _record(
    delivery: Delivery,
    action: str,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    changes: dict[str, list[Any]] | None = None,
) -> None:
    said = {"task": [None, delivery.task_id], "koc": [None, delivery.koc_id], **(changes or {})}
    record(by=by, action=action, obj=delivery, changes=said, reason=reason, at=now)


def _reward(delivery: Delivery, *, by: User, now: datetime) -> str:
    """What was booked; nothing where it was before."""
    amount, key = delivery.task.reward_amount, f"reward:{delivery.pk}"
    if amount is None or is_booked(key):
        return ""
    sides = {Book.PAYABLE: amount, Book.COST: -amount}
    book(kind=Booking.REWARD, koc=delivery.koc, sides=sides, key=key, delivery=delivery, by=by, now=now)
    return str(amount)


def _give_coupon(delivery: Delivery, *, by: User, now: datetime) -> None:
    coupon, member = delivery.task.reward_coupon, _maker(delivery)
    if coupon is None or member is None:
        return
    try:
        with transaction.atomic():
            source = Source(GIVEN, delivery.task_id)
            claim(coupon=coupon, member=member, by=by, now=now, source=source, key=f"koc-task-{delivery.pk}")
    except ScrmError as refused:
        send_notice(
            to=[delivery.task.owner],
            key=f"koc-reward-{delivery.pk}",
            title=_("The coupon of a task could not be given: %(title)s") % {"title": delivery.task.title},
            body=str(refused),
            url=reverse("community:task", args=(delivery.task_id,)),
            level=NoticeLevel.ACT,
            now=now,
        )


def _into_library(delivery: Delivery, *, by: User, now: datetime) -> None:
    """A document is for the brand's own eyes, and none of the library's kinds."""
    member, kind = _maker(delivery), _kind(delivery)
    if member is None or kind is None:
        return
    piece = UgcIn(
        kind=kind,
        title=delivery.task.title,
        text=delivery.text,
        link=delivery.link,
        source=UgcSource.TASK,
        source_key=str(delivery.pk),
    )
    kept = delivery.file if kind in {UgcKind.PICTURE, UgcKind.VIDEO} else None
    offer_ugc(member=member, piece=piece, kept=kept, delivery=delivery, by=by, now=now)


def _maker(delivery: Delivery) -> Member | None:
    """Where two KOC who turned out to be one had a seat each, it is the one who stands for both."""
    return (delivery.koc.merged_into or delivery.koc).member


def _kind(delivery: Delivery) -> UgcKind | None:
    """What it turned out to be, whatever was wished for."""
    mime = delivery.file.mime if delivery.file else ""
    for start, kind in (("image/", UgcKind.PICTURE), ("video/", UgcKind.VIDEO)):
        if mime.startswith(start):
            return kind
    return UgcKind.TEXT if delivery.text else UgcKind.LINK if delivery.link else None


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _reason(reason: str) -> str:
    said = _plain(reason)
    if not 0 < len(said) <= LONGEST_REASON:
        raise DeliveryNotValid(
            fields={"reason": [_("Say why, in %(limit)d characters at most.") % {"limit": LONGEST_REASON}]}
        )
    return said


def _check(piece: Piece) -> None:
    """Raises DeliveryNotValid."""
    faults: dict[str, list[str]] = {}
    link = piece.link.strip()
    if len(piece.text) > LONGEST_TEXT:
        faults["text"] = [_("At most %(limit)d characters.") % {"limit": LONGEST_TEXT}]
    if link and (len(link) > LONGEST_LINK or not is_web_address(link)):
        faults["link"] = [_("The full address that members can open, beginning with https://.")]
    if not (_plain(piece.text) or link or piece.file is not None):
        faults["text"] = [_("Hand in a text, a link or a file.")]
    if faults:
        raise DeliveryNotValid(fields=faults)
