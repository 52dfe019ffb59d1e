"""Deny by default (T13): nobody without a key, nothing without its scope, for every address there is."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import revoke_api_key
from core.api.permissions import required_scope
from core.registries import api_scopes
from scrm import api as root
from tests import api

pytestmark = [pytest.mark.django_db]

SAMPLES = {"member_id": "1", "group_id": "1", "pk": "1", "code": "new", "id": "1"}


def operations() -> Iterator[tuple[str, str, Any]]:
    """(address, method, view class) of every operation of the API."""
    for pattern in root.operations:
        callback = pattern.callback
        actions = getattr(callback, "actions", None) or {"get": "get"}
        for method in actions:
            yield "/api/v1/" + _filled(pattern), method, callback


def _filled(pattern: URLPattern) -> str:
    text = pattern.pattern.regex.pattern.lstrip("^").replace(r"\Z", "").rstrip("$")
    return re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", lambda match: SAMPLES[match[1]], text).replace("\\", "")


OPERATIONS = list(operations())


def _names(operation: tuple[str, str, Any]) -> str:
    return f"{operation[1]} {operation[0]}"


def test_every_address_of_the_api_is_an_operation_or_open_on_purpose() -> None:
    others = [pattern.name for pattern in root.urlpatterns if pattern not in root.operations]
    assert others == ["schema", "docs", None]
    assert len(OPERATIONS) >= 19


@pytest.mark.parametrize("operation", OPERATIONS, ids=_names)
def test_operation_without_a_key_is_401(operation: tuple[str, str, Any], client: Any) -> None:
    address, method, _callback = operation
    answer = getattr(client, method)(address, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("operation", OPERATIONS, ids=_names)
def test_operation_with_every_scope_but_its_own_is_403(operation: tuple[str, str, Any]) -> None:
    address, method, callback = operation
    own = scope_of(callback, method)
    others = [scope for scope in api.SCOPES if scope != own]
    assert len(others) == len(api.SCOPES) - 1
    answer = getattr(api.client(*others), method)(address, {})
    assert answer.status_code == 403


@pytest.mark.parametrize("operation", OPERATIONS, ids=_names)
def test_operation_with_its_scope_is_not_403(operation: tuple[str, str, Any]) -> None:
    address, method, callback = operation
    answer = getattr(api.client(scope_of(callback, method)), method)(address, {} if method != "get" else None)
    assert answer.status_code not in {401, 403, 405, 500}


@pytest.mark.parametrize("operation", OPERATIONS, ids=_names)
def test_scope_without_the_permission_of_the_user_is_403(operation: tuple[str, str, Any]) -> None:
    address, method, _callback = operation
    answer = getattr(api.client(user=api.program(role="nobody")), method)(address, {})
    assert answer.status_code == 403


def scope_of(callback: Callable[..., Any], method: str) -> str:
    view = callback.cls(**callback.initkwargs)  # type: ignore[attr-defined]
    return required_scope(view, method.upper())


def test_every_scope_is_asked_for_somewhere() -> None:
    assert {scope_of(callback, method) for _address, method, callback in OPERATIONS} == set(api.SCOPES)


def test_every_scope_is_offered_with_a_sentence() -> None:
    """What an administrator may choose for a key is what some operation asks for, no more and no less."""
    assert {scope.code for scope in api_scopes} == set(api.SCOPES)
    assert all(str(scope.sentence) not in {"", scope.code} for scope in api_scopes)


@pytest.mark.parametrize("state", ["unknown", "expired", "revoked", "inactive"])
def test_key_that_opens_nothing_is_401(state: str) -> None:
    """One sentence for all of them: a guesser learns nothing."""
    user = api.program()
    key, secret = api.key_of(user, expires_in=timedelta(0) if state == "expired" else timedelta(hours=1))
    if state == "revoked":
        revoke_api_key(key=key, by=None, now=timezone.now())
    if state == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)
    if state == "unknown":
        secret = f"{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}"
    answer = APIClient(headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"}).get("/api/v1/tiers/")
    assert (answer.status_code, api.errors(answer)["message"]) == (401, "Sign in or send an API key.")


@pytest.mark.urls("tests.scrm.urls_planted")
def test_view_without_a_scope_is_caught() -> None:
    with pytest.raises(ImproperlyConfigured, match="Unscoped needs `scope`"):
        api.client().get("/api/v1/unscoped/")


# --- every address of the project ---

PUBLIC = {
    "/": "leads to the admin",
    "/i18n/setlang/": "changes the language of whoever asks",
    "/privacy/notice/": "the privacy notice in force, for everybody to read",
    "/privacy/1/": "opens by a signed link only (tests/compliance/test_centre.py)",
    "/privacy/1/switch/": "opens by a signed link only",
    "/privacy/1/off/": "opens by a signed link only",
    "/privacy/1/1/": "opens by a signed link only",
    "/admin/login/": "asks for a password",
    "/admin/logout/": "ends a session",
    "/admin/jsi18n/": "words for scripts",
    "/api/v1/schema/": "describes the API and holds no data",
    "/api/v1/docs/": "the page of the description",
}


def addresses(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address of the project, with samples for its parts."""
    for pattern in (resolver or get_resolver()).url_patterns:
        text = prefix + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, text)
        else:
            yield text


def _plain(text: str) -> str:
    text = text.replace("\\Z", "").lstrip("^").rstrip("$")
    text = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "1", text)
    return re.sub(r"<[^>]+>", "1", text).replace("\\", "").replace(".*", "nowhere").replace("?", "")


def answering(client: Any) -> set[str]:
    """Addresses that do more for a stranger than refuse, or send to the login."""
    found = set()
    for address in addresses():
        answer = client.get(address)
        to_login = answer.status_code == 302 and "/login/" in answer["Location"]
        if answer.status_code not in {401, 403, 404, 405} and not to_login:
            found.add(address)
    return found


def test_no_address_answers_a_stranger(client: Any, settings: Any) -> None:
    settings.SCRM_API_RATE = (1_000, 1)  # whoever asks them all so fast is told to wait instead
    assert answering(client) <= set(PUBLIC)
    assert len(PUBLIC) <= 15


@pytest.mark.urls("tests.scrm.urls_planted")
def test_address_that_answers_a_stranger_is_caught(client: Any) -> None:
    assert answering(client) == {"/planted/"}


def test_who_sends_no_key_or_a_wrong_one_is_slowed_down_by_address(settings: Any) -> None:
    """The address is that which a trusted proxy saw, whatever the client writes."""
    settings.SCRM_API_RATE = (2, 0.001)
    settings.SCRM_TRUSTED_PROXIES = ["203.0.113.9"]

    def ask(seen: str, **headers: str) -> int:
        forwarded = {"X-Forwarded-For": f"1.1.1.1, {seen}", **headers}
        return Client().get("/api/v1/members/", REMOTE_ADDR="203.0.113.9", headers=forwarded).status_code

    wrong = {"Authorization": "Bearer scrm_wrong"}
    assert [ask("198.51.100.7"), ask("198.51.100.7", **wrong), ask("198.51.100.7", **wrong)] == [401, 401, 429]
    assert ask("198.51.100.8") == 401
