"""A count takes as long as it takes; nobody waits for it, and it overwrites nothing newer."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection

from members.models import Member
from segments.models import Audience, AudienceSize
from segments.selectors import audiences as selectors
from segments.selectors.audiences import audience_statement, count_everybody, patient
from segments.services import audiences as services
from tests.rivals import claimed_elsewhere, rival, until, waiting_for_locks, workers
from tests.segments.facts import moment

NOW = moment("2026-06-10T09:30:00")
WOMEN = {"all": [{"filter": {"gender": ["female"]}}]}
GATE = 20_260_610
SOON = 3  # seconds; a page's patience in these tests is one


@pytest.fixture
def audience(committed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Audience]:
    """Of one member; a page waits a second for its count."""
    monkeypatch.setattr(services, "patient", lambda: patient(timedelta(seconds=1)))
    Member.objects.create(gender="female")
    yield Audience.objects.create(name="女会员", rule=WOMEN)
    AudienceSize.objects.all().delete()
    Audience.objects.all().delete()


@pytest.fixture
def behind_a_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement that counts waits while somebody holds the gate."""

    def planted(rule: Any, *, now: datetime) -> tuple[str, list[Any]]:
        text, values = audience_statement(rule, now=now)
        gate = "SELECT pg_advisory_lock_shared(%s), pg_advisory_unlock_shared(%s)"
        return f"SELECT member_id FROM ({text}) AS found, ({gate}) AS gate", [*values, GATE, GATE]

    monkeypatch.setattr(selectors, "audience_statement", planted)


def shut(say: Any) -> None:
    say("SELECT pg_advisory_xact_lock(%s)", [GATE])


def test_page_is_answered_at_once_while_a_worker_counts(audience: Audience, behind_a_gate: None) -> None:
    Audience.objects.update(counting_since=NOW)
    with workers(2) as start, rival() as say:
        shut(say)
        counting = start(services.count_asked, audience_id=audience.pk, now=NOW)
        until(lambda: waiting_for_locks() == 1)
        began = time.monotonic()
        kept = start(services.refresh_soon, audience=audience, now=NOW).result(SOON)
        assert time.monotonic() - began < 1, "it does not even begin to count"
        assert kept.counting_since == NOW
        assert services.count_asked(audience_id=audience.pk, now=NOW) is False, "a second worker leaves it to the first"
    assert counting.result() is True
    audience.refresh_from_db()
    assert (audience.size, audience.counting_since) == (1, None)


def test_page_waits_as_long_as_it_says_while_the_hour_counts(audience: Audience, behind_a_gate: None) -> None:
    with workers(2) as start, rival() as say:
        shut(say)
        hourly = start(services.refresh_all, now=NOW)
        until(lambda: waiting_for_locks() == 1)
        kept = start(services.refresh_soon, audience=audience, now=NOW).result(SOON)
        assert (kept.size, kept.counting_since) == (None, NOW)
    assert [each.size for each in hourly.result()] == [1]


def test_rule_is_rewritten_while_it_is_counted_and_counted_anew(audience: Audience, behind_a_gate: None) -> None:
    with workers(1) as start, rival() as say:
        shut(say)
        counting = start(services.refresh, audience=audience, now=NOW)
        until(lambda: waiting_for_locks() == 1)
        everybody = {"any": [WOMEN, {"not": WOMEN}]}
        Member.objects.create(gender="male")
        services.update(audience=audience, rule=everybody, by=None, now=NOW)
        say("COMMIT")
        assert counting.result(10).size == 2
    assert AudienceSize.objects.get().size == 2


def test_later_count_is_not_overwritten_by_an_earlier(audience: Audience) -> None:
    later = NOW + timedelta(minutes=1)
    services.refresh(audience=audience, now=later)
    Member.objects.create(gender="female")
    assert services.refresh(audience=audience, now=NOW).size == 1
    audience.refresh_from_db()
    assert (audience.size, audience.refreshed_at) == (1, later)


def test_asked_count_is_left_to_whoever_has_it(audience: Audience) -> None:
    Audience.objects.update(counting_since=NOW)
    with claimed_elsewhere(services.COUNT_TASK, audience.pk):
        assert services.count_asked(audience_id=audience.pk, now=NOW) is False
    assert services.count_asked(audience_id=audience.pk, now=NOW) is True


def settings_of_the_server() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('work_mem'), current_setting('statement_timeout')")
        memory, timeout = cursor.fetchone()
    return memory, timeout


@pytest.mark.django_db
def test_count_and_estimate_leave_the_callers_settings_as_they_were() -> None:
    Member.objects.create(gender="female")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '3MB'")
        cursor.execute("SET LOCAL statement_timeout = '70s'")
    assert count_everybody(WOMEN, now=NOW) == 1
    assert settings_of_the_server() == ("3MB", "70s")
    assert selectors.estimate(WOMEN, now=NOW, by=None).size == 1
    assert settings_of_the_server() == ("3MB", "70s")
    with pytest.raises(DataError), patient():
        fail()
    assert settings_of_the_server() == ("3MB", "70s")


@pytest.mark.django_db
def test_count_has_memory_and_the_callers_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def planted(rule: Any, *, now: datetime) -> tuple[str, list[Any]]:
        return "SELECT 1 WHERE current_setting('work_mem') = %s", [selectors.MEMORY]

    monkeypatch.setattr(selectors, "audience_statement", planted)
    with patient(timedelta(seconds=7)):
        seen.append(count_everybody(WOMEN, now=NOW))
        assert settings_of_the_server() == (selectors.MEMORY, "7s")
    assert seen == [1]


def fail() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def test_count_that_fails_stops_no_other(audience: Audience, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Audience.objects.create(name="另一个", rule=WOMEN)

    def planted(rule: Audience, *, now: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / %s", [int(rule.pk != audience.pk)])
        return count_everybody(rule, now=now)

    monkeypatch.setattr(services, "count_everybody", planted)
    with pytest.raises(DataError):
        services.refresh_all(now=NOW)
    other.refresh_from_db()
    assert other.size == 1
