"""A small cast for the API: a program with a key, held to stores or not, and members of two stores."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.enums import Role
from accounts.models import ApiKey, Region, Store, User
from accounts.services import create_api_key
from members.enums import IdentityType
from members.models import Identity, Member

SCOPES = (
    "activities:read",
    "activities:write",
    "links:read",
    "links:write",
    "accounts:read",
    "members:read",
    "members:write",
    "merging:write",
    "purchases:read",
    "purchases:write",
    "interactions:write",
    "lexicon:read",
    "touches:write",
    "tiers:read",
    "standings:read",
    "tags:read",
    "tags:write",
    "consents:read",
    "consents:write",
    "gate:read",
    "insights:read",
    "audiences:read",
    "audiences:write",
    "coupons:read",
    "coupons:write",
    "draws:read",
    "draws:write",
    "content:read",
    "content:write",
    "koc:read",
    "koc:write",
    "koc-tasks:read",
    "koc-tasks:write",
    "ledger:read",
    "ugc:read",
    "ugc:write",
    "groups:read",
    "groups:write",
    "group-messages:read",
    "group-messages:write",
    "moderation:read",
    "moderation:write",
    "titles:read",
    "deliveries:read",
    "metrics:read",
)
YESTERDAY = "2026-11-20T10:00:00+08:00"
_numbers = itertools.count(1)


def store(code: str = "") -> Store:
    number = next(_numbers)
    region, _new = Region.objects.get_or_create(code="east", defaults={"name": "East"})
    return Store.objects.create(region=region, code=code or f"S{number}", name=f"Store {number}")


def program(*, stores: Iterable[Store] = (), role: str = Role.API_CLIENT) -> User:
    user = User.objects.create(username=f"program-{next(_numbers)}", role=role)
    user.stores.set(stores)
    return user


def key_of(user: User, *scopes: str, expires_in: timedelta | None = None) -> tuple[ApiKey, str]:
    now = timezone.now()
    return create_api_key(
        user=user,
        name="till",
        scopes=scopes or SCOPES,
        by=None,
        now=now,
        expires_at=None if expires_in is None else now + expires_in,
    )


def client(*scopes: str, user: User | None = None, stores: Iterable[Store] = (), language: str = "en") -> APIClient:
    """A client that sends the key of a program; all scopes unless some are named."""
    _key, secret = key_of(user or program(stores=stores), *scopes)
    made = APIClient(headers={"Accept-Language": language}, raise_request_exception=True)
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return made


def member(external_id: str = "", *, home_store: Store | None = None, **values: Any) -> Member:
    number = next(_numbers)
    values = {"name": f"Member {number}", "registered_at": datetime(2026, 1, 1, tzinfo=UTC), **values}
    made = Member.objects.create(home_store=home_store, **values)
    Identity.objects.create(
        member=made, type=IdentityType.EXTERNAL_ID, lookup=external_id or f"E{number}", source="test"
    )
    return made


def order(who: Member | dict[str, Any], order_no: str = "A1", **values: Any) -> dict[str, Any]:
    """The body of an order with one line."""
    return {
        "member": {"id": who.pk} if isinstance(who, Member) else who,
        "order_no": order_no,
        "occurred_at": YESTERDAY,
        "lines": [{"product_code": "P1", "product_name": "Cream", "quantity": "2", "unit_price": "12.50"}],
        **values,
    }


def errors(answer: Any) -> dict[str, Any]:
    return dict(answer.json()["error"])


def described() -> dict[str, Any]:
    """The description of the API, as it is served."""
    found: dict[str, Any] = APIClient().get("/api/v1/schema/").json()
    return found
