"""The description of the API: without warnings, complete, and its page needs no other host."""

import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats

from core.api.description import ApiSchema
from scrm import api as root
from tests import api

pytestmark = [pytest.mark.django_db]
METHODS = {"get", "post", "put", "patch", "delete"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = api.described()["paths"]
    return [
        (path, method, found)
        for path, methods in paths.items()
        for method, found in methods.items()
        if method in METHODS
    ]


def test_description_has_no_warning_and_is_valid() -> None:
    reset_generator_stats()
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=io.StringIO())
    assert not GENERATOR_STATS


def missing_in(text: str) -> list[str]:
    """Operations that a text names as `METHOD /address` and nobody offers."""
    known = {(method, re.sub(r"\{\w+\}", "{}", path)) for path, method, _operation in operations()}
    named = re.findall(r"`([A-Z]+) (/api/v1/[^`]*)`", text)
    return [path for method, path in named if (method.lower(), re.sub(r"\{\w+\}", "{}", path)) not in known]


def test_operations_that_the_docs_name_exist() -> None:
    texts = [page.read_text(encoding="utf-8") for page in (settings.BASE_DIR / "docs").glob("*.md")]
    assert "`POST /api/v1/gate/check/`" in "".join(texts)
    assert [missing_in(text) for text in texts] == [[]] * len(texts)
    assert missing_in("by `POST /api/v1/gate/`") == ["/api/v1/gate/"]


def test_every_operation_is_described() -> None:
    found = {(path, method) for path, method, _operation in operations()}
    # DRF adds "head" to a view's actions when the view is first called
    actions = sum(
        len(set(getattr(pattern.callback, "actions", {"get": "get"})) - {"head"}) for pattern in root.operations
    )
    assert len(found) == actions >= 24


def test_every_operation_tells_its_scope_and_errors() -> None:
    for path, method, operation in operations():
        assert operation["x-scope"] in api.SCOPES, path
        assert f"`{operation['x-scope']}`" in operation["description"]
        wanted = {"400", "401", "403", "429"}
        wanted |= {"404"} if "{" in path else set()
        wanted |= {"404", "409", "413", "415", "422"} if method != "get" else set()
        assert wanted <= set(operation["responses"]), (path, method)


def test_every_post_takes_an_idempotency_key() -> None:
    takers = {
        (path, method)
        for path, method, operation in operations()
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    }
    assert takers == {(path, method) for path, method, _operation in operations() if method == "post"}


def test_every_error_has_the_one_shape() -> None:
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            if status >= "400":
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Error"}, (path, method, status)


def test_page_needs_no_other_host(client: Any) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    assert "swagger-ui" in page
    assert re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page) == []


def test_unknown_address_has_the_one_shape(client: Any) -> None:
    for method in ("get", "post", "put", "delete"):
        for path in ("nowhere/", "members/1%0A2/", "members/%0A/tags/"):
            answer = getattr(client, method)(f"/api/v1/{path}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_description_is_ours() -> None:
    assert all(isinstance(pattern.callback.cls.schema, ApiSchema) for pattern in root.operations)


def test_the_description_is_put_together_once_in_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    root.described.cache_clear()
    made = []
    get_schema = root.SchemaGenerator.get_schema
    monkeypatch.setattr(
        root.SchemaGenerator, "get_schema", lambda *args, **values: made.append(1) or get_schema(*args, **values)
    )
    client, address = Client(), reverse("api:schema")
    chinese = [client.get(address, headers={"accept-language": "zh-hans"}).content for _ in range(2)]
    english = client.get(address, {"lang": "zh-hans"}, headers={"accept-language": "en"})
    assert (len(made), chinese[0] == chinese[1], chinese[0] == english.content) == (2, True, False)
    assert english["Content-Type"] == "application/vnd.oai.openapi+json"
    assert english.json()["openapi"].startswith("3.")
