"""Keys of programs: made, changed, found by their secret, revoked."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import NotANetwork
from accounts.models import ApiKey, User
from audit.rules import changes_between
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
    networks: Iterable[str] = (),
) -> tuple[ApiKey, str]:
    """A new key of `user` and its secret, which is shown this once and stored nowhere. Raises NotANetwork."""
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
        networks=parse_networks(networks),
    )
    record(by=by, action="accounts.create_api_key", obj=key, changes=changes_between({}, _shown(key)), at=now)
    return key, secret


@transaction.atomic
def change_api_key(
    *,
    key: ApiKey,
    by: User | None,
    now: datetime,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    networks: Iterable[str],
) -> ApiKey:
    """What the key is called, what it opens, until when and from where; the secret stays. Raises NotANetwork."""
    locked = ApiKey.objects.select_for_update(of=("self",), no_key=True).get(pk=key.pk)
    before = _shown(locked)
    locked.name, locked.scopes, locked.expires_at = name, sorted(set(scopes)), expires_at
    locked.networks = parse_networks(networks)
    changes = changes_between(before, _shown(locked))
    if changes:
        locked.save(update_fields=["name", "scopes", "expires_at", "networks"])
        record(by=by, action="accounts.change_api_key", obj=locked, changes=changes, at=now)
    return locked


def parse_networks(texts: Iterable[str]) -> list[str]:
    """Addresses and networks in their one written form, each once. Raises NotANetwork."""
    found: dict[str, None] = {}
    for text in filter(None, map(str.strip, texts)):
        try:
            found[str(ip_network(text))] = None
        except ValueError as error:
            raise NotANetwork(
                fields={"networks": [_("“%(text)s” is no address or network.") % {"text": text}]}
            ) from error
    return list(found)


@transaction.atomic
def revoke_api_key(*, key: ApiKey, by: User | None, now: datetime, reason: str = "") -> bool:
    """From now on the key opens nothing. False if it was revoked before."""
    revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
    if revoked:
        record(by=by, action="accounts.revoke_api_key", obj=key, reason=reason, at=now)
    return bool(revoked)


def find_api_key(*, secret: str, now: datetime, address: str | None = None) -> ApiKey | None:
    """The key of that secret, with its user; None if it is unknown, expired, revoked, or its user is not active.

    A key with networks is none for anybody who asks from elsewhere.

    `last_used_at` is moved at most every five minutes, so that reading stays reading.
    """
    mark, _mid, rest = secret.partition("_")
    prefix, _mid, _body = rest.partition("_")
    key = ApiKey.objects.select_related("user").filter(prefix=prefix[:12], revoked_at=None).first()
    if mark != MARK or key is None or not secrets.compare_digest(key.key_hash, _hash(secret)):
        return None
    if not key.user.is_active or (key.expires_at is not None and key.expires_at <= now):
        return None
    if not _is_from(key.networks, address):
        return None
    if key.last_used_at is None or key.last_used_at < now - USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def _is_from(networks: Collection[str], address: str | None) -> bool:
    if not networks:
        return True
    return address is not None and any(ip_address(address) in ip_network(network) for network in networks)


def _shown(key: ApiKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in ("name", "scopes", "expires_at", "networks")}


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
