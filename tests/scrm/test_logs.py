"""Logs quote nobody: a planted phone number and name never appear, whichever way a fault takes."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from core.rules.faults import scrubbed
from members.models import City
from scrm import logs
from scrm.celery import app

PHONE, NAME = "13912345678", "林晓"
PLANTED = f"{NAME}{PHONE}"
pytestmark = pytest.mark.django_db


def insert_twice() -> None:
    City.objects.create(name=PLANTED)
    City.objects.create(name=PLANTED)


def not_a_date() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text::date", [PLANTED])


def copied() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE planted (day date) ON COMMIT DROP")
        with cursor.copy("COPY planted FROM STDIN") as copy:
            copy.write(f"{PLANTED}\n")


def led_to_another() -> None:
    try:
        not_a_date()
    except Exception as error:
        raise RuntimeError(f"no date: {error}") from error


def several() -> None:
    faults = []
    for fault in (not_a_date, not_a_number):
        try:
            fault()
        except Exception as error:  # noqa: BLE001
            faults.append(error)
    raise ExceptionGroup("several", faults)


def not_a_number() -> None:
    int(PLANTED)


def fail(_request: HttpRequest) -> HttpResponse:
    insert_twice()
    return HttpResponse()


def refuse(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [path("fail/", fail), path("refuse/", refuse)]
FAULTS = [insert_twice, not_a_date, copied, led_to_another, several, not_a_number]


@pytest.fixture(params=[True, False], ids=["production", "demo"])
def written(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What the handlers of that environment write."""
    settings = logs.configure(production=request.param, level="DEBUG")["formatters"]["event"]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=settings["foreign_pre_chain"], processors=settings["processors"]
    )
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = [handler]
    yield stream
    root.handlers[:] = before


def wrong_with(text: str, *named: str) -> list[str]:
    """What of the person a log tells, and what it should name but does not."""
    told = [each for each in (PHONE, NAME) if each in text]
    return told + [each for each in ("Traceback (most recent call last)", *named) if each not in text]


def test_a_log_that_tells_and_one_that_names_nothing_are_found() -> None:
    assert wrong_with(f"{PHONE} {NAME}", "in act") == [PHONE, NAME, "Traceback (most recent call last)", "in act"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_task_is_logged_without_what_it_was_about(written: StringIO, fault: Any) -> None:
    task = app.task(fault, name=f"planted.{fault.__name__}", shared=False)
    task.apply()
    assert wrong_with(written.getvalue(), f"Task planted.{fault.__name__}", f"in {fault.__name__}") == []


@pytest.mark.urls("tests.scrm.test_logs")
def test_a_failed_request_is_logged_without_what_it_was_about(written: StringIO) -> None:
    assert Client(raise_request_exception=False).get("/fail/").status_code == 500
    assert wrong_with(written.getvalue(), "/fail/", "IntegrityError", "members_city_name", "in insert_twice") == []


@pytest.mark.urls("tests.scrm.test_logs")
def test_a_refused_request_is_a_line_and_no_trace(written: StringIO) -> None:
    assert Client().get("/refuse/").status_code == 403
    assert "Forbidden (Permission denied): /refuse/" in written.getvalue()
    assert "Traceback" not in written.getvalue()


@pytest.mark.parametrize("fault", FAULTS)
def test_an_event_of_our_own_is_logged_without_what_it_was_about(written: StringIO, fault: Any) -> None:
    log = structlog.stdlib.get_logger("planted")
    try:
        fault()
    except Exception as error:
        log.exception("gone_wrong", error=str(error), phone=PHONE)
    assert wrong_with(written.getvalue(), "gone_wrong", f"in {fault.__name__}") == []


def test_production_writes_one_object_a_line(written: StringIO, request: pytest.FixtureRequest) -> None:
    structlog.stdlib.get_logger("planted").warning("seen", count=3)
    line = written.getvalue()
    if request.node.callspec.id == "production":
        assert {name: json.loads(line)[name] for name in ("event", "count", "level")} == {
            "event": "seen",
            "count": 3,
            "level": "warning",
        }
    else:
        assert "seen" in line


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ('duplicate key value violates unique constraint "a"\nDETAIL:  Key (name)=(林晓) already exists.',
         'duplicate key value violates unique constraint "a"'),
        ("IntegrityError('null value in column \"name\" of relation \"a\"\\nDETAIL:  Failing row (林晓).')",
         "IntegrityError('null value in column \"name\" of relation \"a\""),
        ('invalid input syntax for type date: "林晓"\nLINE 1: SELECT', "invalid input syntax for type date: •••"),
        ('value "99" is out of range for type integer', "value ••• is out of range for type integer"),
        ("Field 'id' expected a number but got '王小明'.", "Field 'id' expected a number but got •••."),
        ("time data '王小明 1990-01-01' does not match format", "time data ••• does not match format"),
        ("“王小明” value has an invalid date format.", "••• value has an invalid date format."),
        ("'王小明' is not a valid choice", "••• is not a valid choice"),
        ("'王小明'不是有效的选项", "•••不是有效的选项"),
        ("ValueError('王小明')", "ValueError(•••)"),
        ("it isn't there: it can't be 'O'Neil'", "it isn't there: it can't be •••"),
        ("cut short in 'Li Wei", "cut short in •••"),
        ("sent to 13912345678", "sent to 139****5678"),
        ("nothing to hide", "nothing to hide"),
    ],
)  # fmt: skip
def test_scrubbed_leaves_the_sentence(message: str, left: str) -> None:
    assert scrubbed(message) == left
