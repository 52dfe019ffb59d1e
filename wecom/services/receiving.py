"""What calls our callback address: proved to be the platform's, decrypted, stored as it is, and nothing more.

The platform waits five seconds and asks up to three times, so everything else comes later (`processing`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from core.keys import blind_index
from core.models import EncryptedTextField
from core.services.sealing import SubjectKeys, subject_keys
from core.services.waking import wake_after_commit
from wecom.enums import CallbackState, Lane, Refusal
from wecom.errors import CallbackRefused
from wecom.models import CallbackEvent, CorpApp
from wecom.models.callbacks import ABOUT
from wecom.models.corps import SUBJECT
from wecom.rules.callback_bodies import Bomb, Message, Unreadable, read_envelope, read_message
from wecom.rules.callback_crypto import Opened, Undecipherable, decrypt, is_signed

MAX_BYTES = 256 * 1024
STALE = 600  # seconds: a call that was listened to is worth nothing after that
URGENT_TASK, URGENT_QUEUE = "wecom.process_urgent", "priority"
LARGEST_ID = (1 << 63) - 1

_STORE = """
INSERT INTO wecom_callbackevent AS event (app_id, digest, body, event, change, about, lane, state, happened_at,
    received_at, repeats, attempts, due_at, handled, error)
VALUES (%(app)s, %(digest)s, %(body)s, %(event)s, %(change)s, %(about)s, %(lane)s, %(waiting)s, %(happened_at)s,
    %(now)s, 0, 0, %(now)s, '{}', '')
ON CONFLICT (app_id, digest) DO UPDATE SET repeats = event.repeats + 1
RETURNING id, xmax = 0
"""
_COUNT = """
INSERT INTO wecom_callbackrefusal AS refusal (app_id, reason, day, count, last_at)
VALUES ((SELECT id FROM wecom_corpapp WHERE id = %(app)s), %(reason)s, %(day)s, 1, %(now)s)
ON CONFLICT (app_id, reason, day) DO UPDATE SET count = refusal.count + 1, last_at = excluded.last_at
"""


@dataclass(frozen=True)
class Stored:
    """`fresh` is False for a delivery that was stored before."""

    event_id: int
    fresh: bool


@dataclass(frozen=True)
class _Door:
    """An app that takes callbacks, with what proves them."""

    app_id: int
    receiver: str
    token: str
    aes_key: str
    keys: SubjectKeys


def receive(*, app_id: int, query: Mapping[str, str], body: bytes, now: datetime) -> Stored:
    """Store one callback, once. Raises CallbackRefused, which is counted."""
    try:
        return _received(app_id, query, body, now)
    except CallbackRefused as refused:
        count_refusal(app_id=app_id, reason=refused.reason, now=now)
        raise


def answer_to_check(*, app_id: int, query: Mapping[str, str], now: datetime) -> bytes:
    """The plain text that the platform wants back when the address is saved. Raises CallbackRefused, counted."""
    try:
        return _proved(_door(app_id), query, query.get("echostr", ""), now).message
    except CallbackRefused as refused:
        count_refusal(app_id=app_id, reason=refused.reason, now=now)
        raise


def count_refusal(*, app_id: int, reason: str, now: datetime) -> None:
    """One more of its day, for an app that may not exist."""
    values: dict[str, Any] = {
        "app": min(app_id, LARGEST_ID),
        "reason": reason,
        "day": timezone.localdate(now),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)


def _received(app_id: int, query: Mapping[str, str], body: bytes, now: datetime) -> Stored:
    if len(body) > MAX_BYTES:
        raise CallbackRefused(Refusal.TOO_LARGE)
    door = _door(app_id)
    opened = _proved(door, query, _readable(read_envelope, body), now)
    message = _readable(read_message, opened.message)
    stored = _store(door, opened.message, message, now)
    if stored.fresh and message.is_welcome:
        wake_after_commit(URGENT_TASK, queue=URGENT_QUEUE)
    return stored


def _door(app_id: int) -> _Door:
    fields = ("id", "corp__corpid", "callback_token", "callback_aes_key")
    usable = CorpApp.objects.filter(active=True, corp__active=True, callback_token__isnull=False)
    app = usable.filter(pk=app_id).values(*fields).first() if app_id <= LARGEST_ID else None
    if app is None:
        raise CallbackRefused(Refusal.UNKNOWN_APP)
    keys = subject_keys(SUBJECT, [app_id])
    token, aes_key = (
        keys.open_all(_sealed(CorpApp, name), [(app_id, app[name])])[0]
        for name in ("callback_token", "callback_aes_key")
    )
    return _Door(app_id, app["corp__corpid"], str(token), str(aes_key), keys)


def _proved(door: _Door, query: Mapping[str, str], encrypted: str, now: datetime) -> Opened:
    """The signature first: whoever does not know the token learns nothing else."""
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    signed = query.get("msg_signature", "")
    if not (timestamp and nonce and signed and encrypted):
        raise CallbackRefused(Refusal.MALFORMED)
    if not is_signed(signed, token=door.token, timestamp=timestamp, nonce=nonce, encrypted=encrypted):
        raise CallbackRefused(Refusal.WRONG_TOKEN)
    if not _is_of_now(timestamp, now):
        raise CallbackRefused(Refusal.STALE)
    try:
        opened = decrypt(encrypted, aes_key=door.aes_key)
    except Undecipherable as error:
        raise CallbackRefused(Refusal.WRONG_KEY) from error
    if opened.receiver != door.receiver:
        raise CallbackRefused(Refusal.WRONG_RECEIVER)
    return opened


def _is_of_now(timestamp: str, now: datetime) -> bool:
    try:
        return abs(int(timestamp) - now.timestamp()) <= STALE
    except (ValueError, OverflowError):
        return False


def _readable(read: Any, body: bytes) -> Any:
    try:
        return read(body)
    except Bomb as error:
        raise CallbackRefused(Refusal.BOMB) from error
    except Unreadable as error:
        raise CallbackRefused(Refusal.MALFORMED) from error


def _store(door: _Door, body: bytes, message: Message, now: datetime) -> Stored:
    text = body.decode("utf-8", "replace")
    values: dict[str, Any] = {
        "app": door.app_id,
        "digest": hashlib.sha256(body).digest(),
        "body": door.keys.seal(_sealed(CallbackEvent, "body"), door.app_id, text),
        "event": message.event,
        "change": message.change,
        "about": blind_index(ABOUT, message.about) if message.about else None,
        "lane": Lane.URGENT if message.is_welcome else Lane.NORMAL,
        "waiting": CallbackState.WAITING,
        "happened_at": message.happened_at,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
        return Stored(*cursor.fetchone())


def _sealed(model: type[CorpApp | CallbackEvent], name: str) -> EncryptedTextField:
    field = model._meta.get_field(name)
    assert isinstance(field, EncryptedTextField)  # noqa: S101  # says it to the type checker
    return field
