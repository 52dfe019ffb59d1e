"""Keys of programs: made, found by their secret, revoked."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q

from accounts.models import ApiKey, User
from audit.services import record

MARK = "scrm"
USED_EVERY = timedelta(minutes=5)


@transaction.atomic
def create_api_key(
    *,
    user: User,
    name: str,
    scopes: Collection[str],
    by: User | None,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key of `user` and its secret, which is shown this once and stored nowhere."""
    prefix = secrets.token_hex(4)
    secret = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        key_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        created_by_label=str(by or ""),
        expires_at=expires_at,
    )
    record(by=by, action="accounts.create_api_key", obj=key, changes={"scopes": [None, key.scopes]}, at=now)
    return key, secret


@transaction.atomic
def revoke_api_key(*, key: ApiKey, by: User | None, now: datetime, reason: str = "") -> bool:
    """From now on the key opens nothing. False if it was revoked before."""
    revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
    if revoked:
        record(by=by, action="accounts.revoke_api_key", obj=key, reason=reason, at=now)
    return bool(revoked)


def find_api_key(*, secret: str, now: datetime) -> ApiKey | None:
    """The key of that secret, with its user; None if it is unknown, expired, revoked, or its user is not active.

    `last_used_at` is moved at most every five minutes, so that reading stays reading.
    """
    mark, _sep, rest = secret.partition("_")
    prefix, _sep, _body = rest.partition("_")
    key = ApiKey.objects.select_related("user").filter(prefix=prefix[:12], revoked_at=None).first()
    if mark != MARK or key is None or not secrets.compare_digest(key.key_hash, _hash(secret)):
        return None
    if not key.user.is_active or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at < now - USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
