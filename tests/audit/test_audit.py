"""The record of acts: what a row says, what it never says, and that nobody changes it."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from accounts.enums import Role
from accounts.models import Region, User
from audit.enums import ActorType
from audit.errors import OutsideTransaction
from audit.models import AuditEntry
from audit.rules import canonical_bytes, changes_between, safe_value
from audit.selectors import entries_about
from audit.services import BATCH, Target, record, record_many
from core.context import Origin, acting_from, current_origin, note_key
from core.middleware import OriginMiddleware, client_address, origin_of

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
NOW = datetime(2026, 6, 18, 20, 0, tzinfo=UTC)
ORIGIN = Origin(address="203.0.113.9", user_agent="Browser", request_id="request-1")


@pytest.fixture
def user() -> User:
    return User.objects.create(username="wang", role=Role.MARKETER)


@pytest.fixture
def region() -> Region:
    return Region.objects.create(code="east", name="East")


def test_row_says_who_what_when_from_where_and_why(user: User, region: Region) -> None:
    with acting_from(ORIGIN):
        record(by=user, action="accounts.rename", obj=region, reason="typo", changes={"name": ["Eest", "East"]}, at=NOW)
    row = AuditEntry.objects.values().get()
    xid = row.pop("xid")
    del row["id"], row["hash"]
    assert row == {
        "at": NOW,
        "actor_type": ActorType.USER,
        "actor_id": user.pk,
        "actor_label": "wang",
        "action": "accounts.rename",
        "object_type": "accounts.region",
        "object_id": str(region.pk),
        "object_label": "East",
        "reason": "typo",
        "address": "203.0.113.9",
        "user_agent": "Browser",
        "request_id": "request-1",
        "changes": {"name": ["Eest", "East"]},
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert xid == cursor.fetchone()[0]


def test_row_of_the_system_names_nobody() -> None:
    record(by=None, action="segments.retier")
    entry = AuditEntry.objects.get()
    assert (entry.actor_type, entry.actor_id, entry.actor_label, entry.object_type) == ("system", None, "", "")


def test_row_of_a_program_names_its_key(user: User) -> None:
    with acting_from(ORIGIN):
        note_key("key-ab12")
        record(by=user, action="members.change")
    entry = AuditEntry.objects.get()
    assert (entry.actor_type, entry.actor_id, entry.actor_label) == ("api_key", user.pk, "wang · key-ab12")
    assert current_origin() == Origin()


def test_personal_values_are_masked_wherever_they_stand(user: User) -> None:
    user.username = "13800138000"
    target = Target(object_type="members.member", object_id=5, label="13900139000")
    record(
        by=user,
        action="members.change",
        obj=target,
        reason="asked by 13700137000\x00, ming@example.com",
        changes={"note": ["11010519491231002X", "call 13600136000"], "tags": [[], {"phone": "13500135000"}]},
    )
    row = str(AuditEntry.objects.values().get())
    for personal in ["13800138000", "13900139000", "13700137000", "ming@", "11010519491231002X", "136001", "135001"]:
        assert personal not in row
    assert "asked by 137****7000, m***@example.com" in row


def test_object_with_a_label_of_its_own_gives_it(region: Region) -> None:
    record(by=None, action="accounts.rename", obj=region)
    assert AuditEntry.objects.get().object_label == region.audit_label == "East"


def test_long_texts_are_cut_to_what_the_column_holds(user: User) -> None:
    user.username = "w" * 300
    record(by=user, action="a", obj=Target(object_type="t", object_id=1, label="l" * 300), reason="r" * 600)
    entry = AuditEntry.objects.get()
    assert (len(entry.actor_label), len(entry.object_label), len(entry.reason)) == (200, 200, 500)


@pytest.mark.django_db(transaction=True)
def test_row_outside_of_a_transaction_is_refused() -> None:
    for write in (
        lambda: record(by=None, action="a"),
        lambda: record_many(by=None, action="a", targets=[Target(object_type="t", object_id=1)]),
    ):
        with pytest.raises(OutsideTransaction):
            write()
    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_row_goes_with_the_act_that_is_undone(user: User) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        record(by=user, action="a")
        record(by=None, action="a" * 81)
    assert AuditEntry.objects.count() == 0


def test_many_rows_take_few_statements(user: User, django_assert_num_queries: Any) -> None:
    targets = [Target(object_type="t", object_id=number) for number in range(BATCH + 1)]
    with django_assert_num_queries(2):
        assert record_many(by=user, action="tags.add", targets=targets, at=NOW) == BATCH + 1
    assert AuditEntry.objects.filter(action="tags.add", at=NOW, actor_id=user.pk).count() == BATCH + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET reason = ''",
        "DELETE FROM audit_auditentry",
        "TRUNCATE audit_auditentry",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE audit_auditentry",
    ],
)
def test_database_refuses_to_change_a_row(statement: str) -> None:
    record(by=None, action="a")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


def test_entries_about_an_object_are_its_own(region: Region) -> None:
    other = Region.objects.create(code="west", name="West")
    for action, obj in [("first", region), ("other", other), ("second", region)]:
        record(by=None, action=action, obj=obj)
    assert [entry.action for entry in entries_about(region)] == ["second", "first"]


# --- rules ---


def test_changes_name_the_fields_that_differ_and_hide_personal_ones() -> None:
    old = {"name": "王明", "city": "杭州", "store": 3, "gone": 1, "empty": ""}
    new = {"name": "王小明", "city": "杭州", "store": 4, "empty": "filled", "fresh": None}
    assert changes_between(old, new, personal={"name", "empty"}) == {
        "empty": [None, "•••"],
        "gone": [1, None],
        "name": ["•••", "•••"],
        "store": [3, 4],
    }


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (Decimal("1.50"), "1.50"),
        (NOW, "2026-06-18T20:00:00+00:00"),
        (date(2026, 6, 18), "2026-06-18"),
        (b"secret", "•••"),
        (memoryview(b"secret"), "•••"),
        ({3, 1, 2}, [1, 2, 3]),
        (("a", ["13800138000"]), ["a", ["138****8000"]]),
        ({"a": {"b": "\x00c"}}, {"a": {"b": "c"}}),
    ],
)
def test_value_is_made_safe(value: Any, safe: Any) -> None:
    assert safe_value(value) == safe


def test_canonical_bytes_stay_the_same_for_ever() -> None:
    """A change here would break every seal that was ever made."""
    fields = {"b": NOW, "a": "王", "c": {"y": [1, None], "x": True}, "d": Decimal("1.50")}
    expected = '{"a":"王","b":"2026-06-18T20:00:00.000000+00:00","c":{"x":true,"y":[1,null]},"d":"1.50"}'
    assert canonical_bytes(fields) == expected.encode()


# --- where it comes from ---


def test_middleware_gives_an_origin_to_what_is_behind_it() -> None:
    seen: list[Origin] = []

    def view(_request: Any) -> dict[str, str]:
        seen.append(current_origin())
        return {}

    request = RequestFactory().get("/", HTTP_USER_AGENT="B\x07rowser" + "x" * 300, HTTP_X_REQUEST_ID="abc-12345")
    answer = OriginMiddleware(view)(request)  # type: ignore[arg-type,type-var]
    assert (seen[0].address, len(seen[0].user_agent), seen[0].request_id) == ("127.0.0.1", 200, "abc-12345")
    assert (answer["X-Request-ID"], current_origin()) == ("abc-12345", Origin())


@pytest.mark.parametrize("offered", ["", "short", "x" * 65, "a b c d e f g", "<script>alert(1)"])
def test_request_id_that_is_none_is_replaced(offered: str) -> None:
    made = origin_of(RequestFactory().get("/", HTTP_X_REQUEST_ID=offered)).request_id
    assert (len(made), made.isalnum()) == (32, True)


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "seen"),
    [
        ("203.0.113.9", "", [], "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", [], "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", "nonsense", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "", ["10.0.0.0/8"], "10.0.0.1"),
        ("::ffff:203.0.113.9", "", [], "203.0.113.9"),
        ("2001:db8::1", "", ["10.0.0.0/8"], "2001:db8::1"),
        ("", "198.51.100.1", ["10.0.0.0/8"], None),
    ],
)
def test_client_address_cannot_be_made_up(
    remote: str, forwarded: str, trusted: list[str], seen: str | None, settings: Any
) -> None:
    settings.SCRM_TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == seen


def test_origin_of_one_thread_is_not_that_of_another() -> None:
    seen: list[Origin] = []
    with acting_from(ORIGIN):
        thread = threading.Thread(target=lambda: seen.append(current_origin()))
        thread.start()
        thread.join()
    assert seen == [Origin()]
