"""API keys: `Authorization: Bearer <key>`. What a key is, an upper app says."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.context import current_origin, note_key

MAX_KEY = 200


@dataclass(frozen=True)
class KeyHolder:
    """Who holds the key and what it opens; `label` names the key in the audit (its public prefix)."""

    user: AbstractBaseUser
    key_id: int
    label: str
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        return f"key:{self.key_id}"


class KeyAuthentication(BaseAuthentication):
    """Subclass it with `find`; `request.auth` is then a KeyHolder."""

    def find(self, secret: str, request: Request) -> KeyHolder | None:
        """The holder of a valid key; None for one that is unknown, expired or revoked."""
        raise NotImplementedError

    def authenticate(self, request: Request) -> tuple[Any, KeyHolder] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if not (secret.isascii() and secret.isprintable() and 0 < len(secret) <= MAX_KEY):
            raise AuthenticationFailed
        holder = self.find(secret, request)
        if holder is None:
            raise AuthenticationFailed
        note_key(holder.label)
        return holder.user, holder

    def authenticate_header(self, request: Request) -> str:
        del request
        return 'Bearer realm="api"'


def scopes_of(request: Request) -> Collection[str] | None:
    """Scopes of the key that was sent; None where no key was."""
    return request.auth.scopes if isinstance(request.auth, KeyHolder) else None


def actor_of(request: Request) -> str:
    """A short name of the caller, for limits and idempotency keys."""
    if isinstance(request.auth, KeyHolder):
        return request.auth.actor
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{current_origin().address}"
