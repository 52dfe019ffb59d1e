"""`Authorization: Bearer scrm_…`: the key of a program."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

from accounts.services import find_api_key
from core.api.authentication import KeyAuthentication, KeyHolder
from core.context import current_origin


class ApiKeyAuthentication(KeyAuthentication):
    """Keys made in the admin under an API client."""

    def find(self, secret: str, request: Request) -> KeyHolder | None:
        del request  # its origin is known
        key = find_api_key(secret=secret, address=current_origin().address, now=timezone.now())
        if key is None:
            return None
        return KeyHolder(user=key.user, key_id=key.pk, label=key.prefix, scopes=frozenset(key.scopes))


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the description names it."""

    target_class = ApiKeyAuthentication
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        del auto_schema
        return {
            "type": "http",
            "scheme": "bearer",
            "description": str(_("A key made in the admin. Each operation names the scope that the key needs.")),
        }
