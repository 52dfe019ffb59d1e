"""Who came, who was turned away, who left; and two administrators who let each other go."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.errors import LastAdministrator
from accounts.models import User
from accounts.services import change_staff, create_staff
from audit.models import AuditEntry

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PASSWORD = "long-enough-1"


@pytest.fixture
def person(db: None) -> User:
    return create_staff(username="wang", role=Role.MARKETER, by=None, now=NOW, password=PASSWORD)


def sign_in(client: Client, username: str, password: str = PASSWORD) -> int:
    return client.post(reverse("admin:login"), {"username": username, "password": password}).status_code


def acts() -> list[tuple[Any, ...]]:
    rows = AuditEntry.objects.filter(action__startswith="accounts.sign").order_by("pk")
    return list(rows.values_list("action", "actor_id", "object_id", "object_label", "address"))


def test_coming_and_going_is_recorded(client: Client, person: User) -> None:
    assert sign_in(client, "wang") == 302
    assert client.post(reverse("admin:logout")).status_code == 200
    key = str(person.pk)
    assert acts() == [
        ("accounts.sign_in", person.pk, key, "wang", "127.0.0.1"),
        ("accounts.sign_out", person.pk, key, "wang", "127.0.0.1"),
    ]


def test_leaving_twice_or_by_a_link_is_no_act(client: Client, person: User) -> None:
    sign_in(client, "wang")
    assert client.get(reverse("admin:logout")).status_code == 405
    client.post(reverse("admin:logout"))
    client.post(reverse("admin:logout"))
    assert [row[0] for row in acts()] == ["accounts.sign_in", "accounts.sign_out"]


@pytest.mark.parametrize(("typed", "known"), [("wang", True), ("13800138000", False), ("a\x00", False), ("", False)])
def test_whoever_is_turned_away_is_named_only_if_the_account_exists(
    client: Client, person: User, typed: str, known: bool
) -> None:
    assert sign_in(client, typed, "wrong-wrong-1") == 200
    expected = (str(person.pk), "wang") if known else ("", "")
    assert [row[:4] for row in acts()] == [("accounts.sign_in_failed", None, *expected)]
    assert "13800138000" not in str(AuditEntry.objects.values_list())


def test_whoever_was_let_go_is_turned_away_with_a_record(client: Client, person: User) -> None:
    change_staff(person=person, by=None, now=NOW, is_active=False)
    assert sign_in(client, "wang") == 200
    assert [row[0] for row in acts()] == ["accounts.sign_in_failed"]


def test_ones_own_password_changes_with_a_record_and_the_session_stays(client: Client, person: User) -> None:
    client.force_login(person)
    address = reverse("admin:password_change")
    data = {"old_password": PASSWORD, "new_password1": "longer-still-2", "new_password2": "longer-still-2"}
    assert client.post(address, data | {"old_password": "wrong"}).status_code == 200
    assert not AuditEntry.objects.filter(action="accounts.set_password").exists()
    assert client.post(address, data)["Location"] == reverse("admin:password_change_done")
    person.refresh_from_db()
    assert person.check_password("longer-still-2")
    assert client.get(reverse("admin:password_change")).status_code == 200
    entry = AuditEntry.objects.get(action="accounts.set_password")
    assert (entry.actor_id, entry.object_id, entry.changes) == (person.pk, str(person.pk), {})


@pytest.fixture
def pair(transactional_db: None) -> Iterator[tuple[User, User]]:
    yield tuple(create_staff(username=name, role=Role.ADMINISTRATOR, by=None, now=NOW) for name in ("ada", "ben"))  # type: ignore[misc]


@pytest.mark.chaos
def test_two_administrators_who_let_each_other_go_leave_one(pair: tuple[User, User]) -> None:
    """Whatever the order in which they come: one succeeds, the other is told, nobody waits for ever."""
    for _round in range(4):
        User.objects.update(is_active=True)
        barrier = Barrier(2)

        def let_go(by: User, person: User, barrier: Barrier = barrier) -> str:
            try:
                barrier.wait(10)
                change_staff(person=person, by=by, now=NOW, is_active=False)
            except LastAdministrator as error:
                return error.code
            finally:
                connection.close()
            return "done"

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(let_go, pair, pair[::-1]))
        assert sorted(said) == ["done", "last_administrator"]
        assert User.objects.filter(is_active=True).count() == 1


@pytest.mark.chaos
def test_the_second_waits_and_finds_what_the_first_has_left(pair: tuple[User, User]) -> None:
    begun = Event()

    def second() -> str:
        try:
            begun.set()
            change_staff(person=pair[0], by=pair[1], now=NOW, role=Role.MARKETER)
        except LastAdministrator as error:
            return str(error.code)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        change_staff(person=pair[1], by=pair[0], now=NOW, role=Role.MARKETER)
        waiting = pool.submit(second)
        assert begun.wait(10)
    # the transaction ends before the pool does
    assert waiting.result(30) == "last_administrator"
    assert list(User.objects.filter(role=Role.ADMINISTRATOR)) == [pair[0]]
