"""What every part of the API shares, tried on a small API of the suite's own."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.enums import Role
from accounts.models import User
from core.models import DataKey, IdempotencyRecord, RateBucket
from core.services.idempotency import purge_answers
from core.services.rate_limits import Rate, purge_buckets, take

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls_api")]


@pytest.fixture(autouse=True)
def program(db: None) -> User:
    del db
    return User.objects.create(username="program", role=Role.ADMINISTRATOR)


def client(key: str | None = "writer", **headers: str) -> APIClient:
    made = APIClient(raise_request_exception=True, headers={"Accept-Language": "en", **headers})
    if key:
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return made


def post(body: Any, url: str = "/api/things", key: str | None = "writer", **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client(key).post(url, content, content_type="application/json", headers=headers)


def test_error_has_one_shape() -> None:
    answer = post({"name": "x" * 21, "number": "many", "lines": [{"a": 1}, {"a": "b"}]})
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error": {
                "code": "invalid",
                "message": "Some values are not valid.",
                "fields": {
                    "name": ["Ensure this field has no more than 20 characters."],
                    "number": ["A valid integer is required."],
                    "lines.1.a": ["A valid integer is required."],
                },
                "hint": "",
            }
        },
    )


def test_error_of_a_service_keeps_its_code_and_status() -> None:
    answer = post({"name": "taken"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("status", "code", "answer"),
    [
        (401, "not_authenticated", lambda: client(None).get("/api/things")),
        (401, "not_authenticated", lambda: client("unknown").get("/api/things")),
        (401, "not_authenticated", lambda: client("x" * 300).get("/api/things")),
        (403, "not_allowed", lambda: client("other").get("/api/things")),
        (403, "not_allowed", lambda: post({"name": "a"}, key="reader")),
        (404, "not_found", lambda: client().get("/api/nowhere")),
        (405, "method_not_allowed", lambda: client().delete("/api/things")),
        (406, "not_acceptable", lambda: client().get("/api/things", headers={"Accept": "text/xml"})),
        (415, "unsupported_media_type", lambda: client().post("/api/things", "a=b", content_type="text/plain")),
    ],
)
def test_refusal_has_its_status_and_code(status: int, code: str, answer: Any) -> None:
    given = answer()
    assert (given.status_code, given.json()["error"]["code"]) == (status, code)


def test_key_needs_the_permission_of_its_user_too(program: User) -> None:
    program.role = Role.GUIDE
    program.save()
    answer = client("writer").get("/api/things")
    assert (answer.status_code, hint(answer)) == (403, "The role of the user does not allow things:read.")


def test_refusal_names_the_scope_that_is_missing() -> None:
    assert hint(client("other").get("/api/things")) == "The key needs the scope things:read."
    assert hint(post({"name": "a"}, key="reader")) == "The key needs the scope things:write."


def test_unknown_address_says_where_all_are_listed() -> None:
    assert hint(client().get("/api/nowhere")) == (
        "No operation has this address. The description of the API lists all of them."
    )


def hint(answer: Any) -> str:
    return str(answer.json()["error"]["hint"])


def test_view_without_a_scope_answers_nobody() -> None:
    with pytest.raises(ImproperlyConfigured, match="needs `scope`"):
        client().get("/api/unscoped")


BAD_BODIES = [
    b"",
    b"{",
    b"nonsense",
    b'{"name": "a\\u0000b"}',
    b'{"name": "a\x00b"}',
    b'{"a\\u0000": 1, "name": "a"}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\udfff tail"}',
    b'{"name": "\xed\xa0\x80"}',
    b'{"name": "\xff\xfe"}',
    b'{"name": "a", "number": NaN}',
    b'{"name": "a", "number": -Infinity}',
    b'{"name": "a", "number": 1e400}',
    b'{"name": "a", "number": ' + b"9" * 1_000_000 + b"}",
    b'{"name": "a", "number": 1.' + b"9" * 1_000_000 + b"}",
    b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"name": ' + b'{"a":' * 40 + b"1" + b"}" * 41,
    b"[]",
    b"null",
    b'"text"',
    b"5",
    b'{"name": null}',
    b'{"name": {}}',
    b'{"name": ["a"]}',
    "﻿{}".encode("utf-16"),
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: repr(body[:30]))
def test_bad_body_is_400(body: bytes) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize("text", ["😀王明", "\ud83d\ude00", "a\tb", "\u200b"])
def test_unusual_text_that_can_be_stored_is_taken(text: str) -> None:
    body = (
        json.dumps({"name": f"x{text}"}).encode()
        if text.isprintable()
        else f'{{"name": "{text}"}}'.encode("utf-8", "surrogatepass")
    )
    expected = 400 if b"\t" in body or b"\xed\xa0" in body else 201
    assert post(body).status_code == expected


@pytest.mark.parametrize("number", [40_000, "1e30", "x", "\u0661\u0661\u0661\u0661\u0661\u0661x"])
def test_value_that_the_database_refuses_is_400(number: Any) -> None:
    answer = post({"number": number}, "/api/numbers")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")


@pytest.mark.parametrize("query", ["kind=%00", "a%00=1", "kind=a%00b&kind=c"])
def test_address_with_nul_is_400(query: str) -> None:
    assert client().get(f"/api/things?{query}").status_code == 400


def test_large_body_is_413(settings: Any) -> None:
    settings.SCRM_API_MAX_BODY = 100
    answer = post({"name": "a" * 100})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert post({"name": "a"}).status_code == 201


def test_broken_content_length_is_400() -> None:
    answer = client().generic("POST", "/api/things", b"{}", content_type="application/json", CONTENT_LENGTH="many")
    assert answer.status_code == 400


# --- pages ---


def _records(count: int) -> None:
    now = timezone.now()
    IdempotencyRecord.objects.bulk_create(
        IdempotencyRecord(
            actor="a", key=f"k{n}", fingerprint=b"", status=200, answer=b"", created_at=now, expires_at=now
        )
        for n in range(count)
    )


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    _records(7)
    seen: list[str] = []
    url = "/api/records?page_size=3"
    while url:
        page = client().get(url).json()
        seen += [row["key"] for row in page["results"]]
        url = page["next"]
    assert seen == [f"k{n}" for n in reversed(range(7))]


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", "cD14", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "bz0tMQ", "cD0lMDA", "é", "cD0xJnI9eA==", "=" * 9],
)
def test_made_up_cursor_is_400_or_harmless(cursor: str) -> None:
    _records(2)
    answer = client().get("/api/records", {"cursor": cursor})
    assert answer.status_code in {200, 400}
    assert client().get("/api/records?cursor=cD14").status_code == 400


# --- idempotency ---


def test_same_key_and_body_give_the_stored_answer() -> None:
    first = post({"name": "shoe"}, **{"Idempotency-Key": "k-1"})
    again = post({"name": "shoe"}, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, first.json()) == (201, {"name": "shoe", "number": 1})
    assert (again.status_code, again.content) == (201, first.content)
    assert (first.get("Idempotent-Replay"), again.get("Idempotent-Replay")) == (None, "true")
    assert DataKey.objects.filter(subject_kind="shoe").count() == 1


def test_same_key_and_another_body_is_422() -> None:
    post({"name": "shoe"}, **{"Idempotency-Key": "k-1"})
    answer = post({"name": "hat"}, **{"Idempotency-Key": "k-1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert DataKey.objects.filter(subject_kind="hat").count() == 0


def test_without_a_key_the_work_is_done_each_time() -> None:
    """The planted violation: the count tells repeated work from work done once."""
    post({"name": "shoe"})
    post({"name": "shoe"})
    assert DataKey.objects.filter(subject_kind="shoe").count() == 2


def test_key_of_another_caller_is_another_key() -> None:
    header = {"Idempotency-Key": "k-1"}
    from_one = post({"name": "shoe"}, key="writer", **header)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_idempotencyrecord SET actor = 'key:999'")
    from_other = post({"name": "shoe"}, key="writer", **header)
    assert (from_one.json()["number"], from_other.json()["number"]) == (1, 2)


def test_refused_request_leaves_the_key_free() -> None:
    assert post({"name": "taken"}, **{"Idempotency-Key": "k-1"}).status_code == 409
    assert post({"name": "shoe"}, **{"Idempotency-Key": "k-1"}).status_code == 201


def test_death_between_work_and_answer_undoes_both() -> None:
    with pytest.raises(RuntimeError):
        post({"name": "broken"}, **{"Idempotency-Key": "k-1"})
    assert DataKey.objects.filter(subject_kind="broken").count() == 0
    assert IdempotencyRecord.objects.count() == 0


def test_stored_answer_is_not_readable_in_the_table() -> None:
    post({"name": "shoe"}, **{"Idempotency-Key": "k-1"})
    assert b"shoe" not in bytes(IdempotencyRecord.objects.get().answer)


def test_answer_is_kept_for_a_day() -> None:
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    with time_machine.travel(begun, tick=False):
        post({"name": "shoe"}, **{"Idempotency-Key": "k-1"})
    with time_machine.travel(begun + timedelta(hours=24), tick=False):
        assert post({"name": "shoe"}, **{"Idempotency-Key": "k-1"}).json()["number"] == 2
    assert purge_answers(now=begun + timedelta(hours=47)) == 0
    assert purge_answers(now=begun + timedelta(hours=48)) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "ключ".encode().decode("latin-1")])
def test_key_that_is_no_key_is_400(key: str) -> None:
    assert post({"name": "shoe"}, **{"Idempotency-Key": key}).status_code == 400


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_process_killed_in_the_middle_leaves_nothing_and_the_next_one_does_the_work() -> None:
    header = {"Idempotency-Key": "k-1"}
    assert post({"name": "killed-not"}, **header).status_code == 201
    connection.close()  # a child must not share it
    child = os.fork()
    if child == 0:
        try:
            post({"name": "killed"}, **{"Idempotency-Key": "k-2"})
        finally:
            os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert DataKey.objects.filter(subject_kind="killed").count() == 0
    assert post({"name": "other"}, **{"Idempotency-Key": "k-2"}).json() == {"name": "other", "number": 1}


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_hundred_keys_asked_ten_times_at_once_make_two_hundred_objects(settings: Any) -> None:
    settings.SCRM_API_RATE = (1e6, 1e6)

    def ask_all(_thread: int) -> list[tuple[int, int, bytes]]:
        try:
            given = [(key, post({"name": f"n{key}"}, **{"Idempotency-Key": f"k-{key}"})) for key in range(200)]
            return [(key, answer.status_code, answer.content) for key, answer in given]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = [answer for given in pool.map(ask_all, range(10)) for answer in given]
    assert {status for _key, status, _body in answers} <= {201, 409}
    assert len({(key, body) for key, status, body in answers if status == 201}) == 200
    assert DataKey.objects.filter(subject_kind__startswith="n", subject_id=1).count() == 200
    assert DataKey.objects.count() == 200
    replays = [post({"name": f"n{key}"}, **{"Idempotency-Key": f"k-{key}"}) for key in range(200)]
    assert {(answer.status_code, answer["Idempotent-Replay"]) for answer in replays} == {(201, "true")}


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_ten_rivals_do_the_work_once() -> None:
    def ask(_number: int) -> int:
        try:
            return int(post({"name": "slow"}, **{"Idempotency-Key": "k-1"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(ask, range(10)))
    assert statuses[0] == 201
    assert set(statuses) <= {201, 409}
    assert 409 in statuses
    assert DataKey.objects.filter(subject_kind="slow").count() == 1


# --- limits ---


def test_caller_above_the_rate_is_told_when_to_come_back(settings: Any) -> None:
    settings.SCRM_API_RATE = (2, 0.1)
    statuses = [client().get("/api/things").status_code for _attempt in range(3)]
    refused = client().get("/api/things")
    assert statuses == [200, 200, 429]
    assert (refused.json()["error"]["code"], int(refused["Retry-After"]) in {9, 10}) == ("too_many_requests", True)
    assert client("reader").get("/api/things").status_code == 429  # the same length of secret is the same key here


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_rivals_take_no_more_tokens_than_there_are() -> None:
    rate = Rate(burst=5, per_second=0.001)

    def grab(_number: int) -> int:
        try:
            return take("rivals", rate)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(grab, range(20))).count(0) == 5


def test_bucket_fills_again_and_never_above_the_burst() -> None:
    rate = Rate(burst=2, per_second=1)
    assert [take("a", rate) for _attempt in range(3)] == [0, 0, 1]
    _age_buckets("1 second")
    assert [take("a", rate), take("a", rate)] == [0, 1]
    _age_buckets("1 hour")
    assert [take("a", rate) for _attempt in range(3)] == [0, 0, 1]


def test_quiet_callers_are_forgotten() -> None:
    take("old", Rate(1, 1))
    _age_buckets("61 minutes")
    take("new", Rate(1, 1))
    assert purge_buckets() == 1
    assert list(RateBucket.objects.values_list("key", flat=True)) == ["new"]


def _age_buckets(interval: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_ratebucket SET updated_at = updated_at - %s::interval", [interval])
