"""The verbs of a send: made, frozen, started, paused, resumed, closed, cancelled. Whatever calls them, they do the same."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from compliance.enums.consent import Purpose
from compliance.rules.consent import is_purpose
from core.errors import Text
from core.services.waking import wake_after_commit
from messaging.enums import SendState
from messaging.errors import GatewayNotReady, SendExists, SendNotValid, SendStateWrong, TextNotApproved
from messaging.models import Gateway, MessageTemplate, Send
from messaging.selectors.templates import approval_holds, has_expired
from messaging.services.freezing import Recipients, freeze_rows

TASK = "messaging.work"
QUEUE = "bulk"


@dataclass(frozen=True, kw_only=True)
class Source:
    """On whose behalf, in the words of the app above: opaque here."""

    kind: str
    id: str
    step: str = ""


@transaction.atomic
def create_send(
    *,
    source: Source,
    title: str,
    gateway: Gateway,
    template: MessageTemplate,
    not_before: datetime,
    not_after: datetime,
    by: User | None,
    now: datetime,
    purpose: str = Purpose.MARKETING,
    is_open_ended: bool = False,
) -> Send:
    """A draft without recipients. Raises SendNotValid, or SendExists where the source has one for this step and channel."""
    _require_valid(gateway, template, not_before=not_before, not_after=not_after, purpose=purpose, now=now)
    send = Send(
        source_kind=source.kind,
        source_id=source.id,
        step=source.step,
        title=title[:120],
        channel=gateway.channel,
        gateway=gateway,
        template=template,
        purpose=purpose,
        not_before=not_before,
        not_after=not_after,
        is_open_ended=is_open_ended,
        by=by,
        created_at=now,
    )
    try:
        with transaction.atomic():
            send.save()
    except IntegrityError:
        raise SendExists from None
    record(by=by, action="messaging.create_send", obj=send, at=now)
    return send


@transaction.atomic
def freeze(*, send: Send, recipients: Recipients, by: User | None, now: datetime) -> int:
    """Fix the recipients and, the first time, the text. Answers how many are new.

    More may come while it is a frozen draft, and while it runs if it is open-ended. Raises SendStateWrong,
    TextNotApproved.
    """
    send = _locked(send)
    grows = (SendState.RUNNING, SendState.PAUSED) if send.is_open_ended else ()
    _require(send, SendState.DRAFT, SendState.FROZEN, *grows)
    if send.state == SendState.DRAFT:
        _take_text(send, now=now)
    added = freeze_rows(send=send, recipients=recipients, due_at=max(send.not_before, now))
    was, send.recipients = send.recipients, send.recipients + added
    send.wake_at = None
    send.save()
    record(by=by, action="messaging.freeze_send", obj=send, changes={"recipients": [was, send.recipients]}, at=now)
    if send.state == SendState.RUNNING:
        wake_after_commit(TASK, send.pk, queue=QUEUE)
    return added


@transaction.atomic
def start(*, send: Send, by: User | None, now: datetime) -> Send:
    """From now on messages go, none before `not_before`. Raises SendStateWrong, GatewayNotReady, TextNotApproved."""
    send = _locked(send)
    _require(send, SendState.FROZEN)
    if not send.gateway.is_active:
        raise GatewayNotReady
    if send.not_after <= now:
        raise SendNotValid(fields={"not_after": [_("Its time is over.")]})
    _require_approved(send, now=now)
    send.started_at = now
    return _move(send, SendState.RUNNING, "messaging.start_send", by=by, now=now)


@transaction.atomic
def pause(*, send: Send, by: User | None, now: datetime, reason: str = "") -> Send:
    """When this commits no further message begins; those on their way arrive."""
    send = _locked(send)
    _require(send, SendState.RUNNING)
    return _move(send, SendState.PAUSED, "messaging.pause_send", by=by, now=now, reason=reason)


@transaction.atomic
def resume(*, send: Send, by: User | None, now: datetime) -> Send:
    """Raises SendStateWrong, and TextNotApproved where the approval of the words has ended."""
    send = _locked(send)
    _require(send, SendState.PAUSED)
    require_unexpired(send)
    return _move(send, SendState.RUNNING, "messaging.resume_send", by=by, now=now)


@transaction.atomic
def close(*, send: Send, by: User | None, now: datetime) -> Send:
    """No more recipients: an open-ended send ends with the last of those that it has."""
    send = _locked(send)
    _require(send, SendState.RUNNING, SendState.PAUSED)
    send.is_open_ended = False
    return _move(send, SendState(send.state), "messaging.close_send", by=by, now=now)


@transaction.atomic
def cancel(*, send: Send, by: User | None, now: datetime, reason: str) -> Send:
    """When this commits no further message begins; the worker closes the rows that wait. Raises SendNotValid unasked why."""
    send = _locked(send)
    _require(send, SendState.DRAFT, SendState.FROZEN, SendState.RUNNING, SendState.PAUSED)
    if not reason.strip():
        raise SendNotValid(fields={"reason": [_("Say why; it is kept in the audit log.")]})
    send.ended_at = now
    return _move(send, SendState.CANCELLED, "messaging.cancel_send", by=by, now=now, reason=reason)


def _move(send: Send, state: SendState, action: str, *, by: User | None, now: datetime, reason: str = "") -> Send:
    was, send.state, send.wake_at = send.state, state, None
    send.save()
    record(by=by, action=action, obj=send, changes={"state": [was, state.value]}, reason=reason, at=now)
    if state in {SendState.RUNNING, SendState.CANCELLED}:
        wake_after_commit(TASK, send.pk, queue=QUEUE)
    return send


def _locked(send: Send) -> Send:
    return Send.objects.select_for_update(of=("self",)).select_related("gateway", "template").get(pk=send.pk)


def _require(send: Send, *states: SendState) -> None:
    if send.state not in states:
        raise SendStateWrong


def _take_text(send: Send, *, now: datetime) -> None:
    """What was approved is what goes, whatever becomes of the template."""
    if send.template is None:
        raise TextNotApproved
    send.subject, send.text, send.given = send.template.subject, send.template.text, send.template.given
    _require_approved(send, now=now)
    send.state, send.frozen_at = SendState.FROZEN, now


def _require_approved(send: Send, *, now: datetime) -> None:
    if send.template is None or not approval_holds(send.template, subject=send.subject, text=send.text, now=now):
        raise TextNotApproved


def require_unexpired(send: Send) -> None:
    """TextNotApproved where words were approved and are no longer; a newer version of the template is no obstacle."""
    if send.template_id is not None and has_expired(send.template_id):
        raise TextNotApproved


def _require_valid(
    gateway: Gateway,
    template: MessageTemplate,
    *,
    not_before: datetime,
    not_after: datetime,
    purpose: str,
    now: datetime,
) -> None:
    wrong: dict[str, Collection[Text]] = {}
    if not_after <= max(not_before, now):
        wrong["not_after"] = [_("It ends before it begins.")]
    if template.channel != gateway.channel:
        wrong["template"] = [_("The template is for another channel.")]
    if not is_purpose(purpose):
        wrong["purpose"] = [_("There is no such purpose.")]
    if wrong:
        raise SendNotValid(fields={name: list(words) for name, words in wrong.items()})
