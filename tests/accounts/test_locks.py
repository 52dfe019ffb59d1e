"""T17: guessing ends at five wrong passwords of an account and twenty of an address, and tells nothing on the way."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from accounts.services import create_staff
from audit.models import AuditEntry
from tests.brand import PASSWORD, administrator, signed_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
GUESSES = 1_000


@pytest.fixture
def person() -> User:
    return create_staff(username="wang", role=Role.MARKETER, by=None, now=NOW, password=PASSWORD)


def guess(username: str = "wang", password: str = "wrong", address: str = "203.0.113.9", **headers: str) -> int:
    data = {"username": username, "password": password}
    return Client().post(reverse("admin:login"), data, REMOTE_ADDR=address, headers=headers).status_code


def test_an_account_is_locked_at_the_fifth_wrong_password(person: User) -> None:
    assert [guess(address=f"203.0.113.{number}") for number in range(7)] == [200] * 4 + [429] * 3
    assert guess(password=PASSWORD, address="198.51.100.1") == 429
    assert AuditEntry.objects.filter(action="accounts.sign_in_locked", object_id=str(person.pk)).count() == 1


def test_an_address_is_locked_at_the_twentieth(person: User) -> None:
    assert [guess(f"nobody-{number}") for number in range(22)] == [200] * 19 + [429] * 3
    assert guess(password=PASSWORD) == 429
    assert guess(password=PASSWORD, address="198.51.100.1") == 302


@pytest.mark.slow
def test_a_thousand_guesses_reach_five_of_one_account(person: User) -> None:
    """Whatever the client says of its own address: nobody whom we trust has said it."""
    answers = [
        guess(
            password=PASSWORD if number > 5 else "wrong", **{"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
        )
        for number in range(GUESSES)
    ]
    assert answers == [200] * 4 + [429] * (GUESSES - 4)
    assert list(AccessAttempt.objects.values_list("ip_address", "failures_since_start")) == [("203.0.113.9", 5)]


def test_an_address_behind_a_trusted_proxy_is_the_one_the_proxy_saw(person: User, settings: LazySettings) -> None:
    settings.SCRM_TRUSTED_PROXIES = ["203.0.113.9"]
    guess(**{"X-Forwarded-For": "1.1.1.1, 198.51.100.7"})
    assert AccessAttempt.objects.get().ip_address == "198.51.100.7"


def test_the_lock_ends_by_itself(person: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        assert [guess() for _number in range(6)][-1] == 429
        clock.shift(timedelta(minutes=14))
        assert guess(password=PASSWORD) == 429
        clock.shift(timedelta(minutes=2))
        assert guess(password=PASSWORD) == 302


def test_a_success_forgets_the_failures_of_the_account_and_not_of_the_address(person: User) -> None:
    for number in range(16):
        guess(f"nobody-{number}")
    assert [guess(), guess(), guess(), guess(password=PASSWORD)] == [200, 200, 200, 302]
    assert [guess(f"other-{number}") for number in range(4)] == [200, 200, 200, 429]


def test_what_was_typed_is_kept_only_if_it_is_an_account(person: User) -> None:
    guess("13800138000", "my-password")
    guess("wang", "my-password")
    kept = str(list(AccessAttempt.objects.values_list()))
    assert "wang" in kept
    assert "13800138000" not in kept
    assert "my-password" not in kept


def test_locks_are_shown_and_lifted_with_a_record(person: User) -> None:
    for _number in range(5):
        guess()
    admin = administrator()
    client = signed_in(admin, "en")
    page = client.get(reverse("accounts:locks"))
    shown = [(lock.shown, lock.failures, lock.locked) for lock in page.context["locks"]]
    assert shown == [("wang", 5, True), ("203.0.113.9", 5, False)]
    assert client.get(reverse("accounts:lift_lock")).status_code == 405
    assert client.post(reverse("accounts:lift_lock"), {"username": "wang"}).status_code == 302
    assert guess(password=PASSWORD) == 302
    row = AuditEntry.objects.get(action="accounts.lift_lock")
    assert (row.actor_id, row.object_id) == (admin.pk, str(person.pk))


def test_locks_are_no_business_of_other_roles(person: User) -> None:
    client = signed_in(person)
    assert client.get(reverse("accounts:locks")).status_code == 403
    assert client.post(reverse("accounts:lift_lock"), {"username": "wang"}).status_code == 403


@pytest.mark.slow
def test_an_unknown_name_takes_as_long_as_a_known_one(person: User, settings: LazySettings) -> None:
    """Measured in the time of the processor, which a busy machine does not change: less than a tenth apart."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.AXES_FAILURE_LIMIT = settings.SCRM_ADDRESS_FAILURE_LIMIT = 1_000
    person.set_password(PASSWORD)
    person.save()
    spent: dict[str, list[float]] = {"wang": [], "nobody": []}
    for _round in range(15):
        for name, times in spent.items():
            begun = time.process_time()
            assert guess(name) == 200
            times.append(time.process_time() - begun)
    known, unknown = (statistics.median(times) for times in spent.values())
    assert abs(known - unknown) / known < 0.1


def test_what_is_refused_during_a_lock_does_not_make_the_record_grow(person: User) -> None:
    for _number in range(30):
        guess()
    acts = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert acts.count("accounts.sign_in_failed") == 5
    assert acts.count("accounts.sign_in_locked") == 1


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_no_more_than_guesses_in_turn(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty at the same moment, of one account from many addresses: five passwords are looked at."""
    looked, lock = [], Lock()

    def check(self: User, raw_password: str) -> bool:
        with lock:
            looked.append(raw_password)
        time.sleep(0.02)
        return False

    monkeypatch.setattr(User, "check_password", check)
    barrier = Barrier(20)

    def one(number: int) -> int:
        try:
            barrier.wait(20)
            return guess(password=f"guess-{number}", address=f"203.0.113.{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(one, range(20)))
    assert (len(looked), answers) == (5, [200] * 4 + [429] * 16)
    assert AuditEntry.objects.filter(action="accounts.sign_in_locked").count() == 1
