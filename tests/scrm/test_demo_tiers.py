"""Scores and tiers of every member of the demo brand, against pandas."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from scrm.bench.database import own_database
from scrm.demo.span import CHINA
from segments.models import MemberStanding, TierRun
from segments.services.retier import RetierResult, retier
from tests.scrm import brand_by_pandas
from timeline.services import follow_all

pytestmark = [pytest.mark.servers, pytest.mark.slow]

UNTIL = datetime(2026, 3, 1, tzinfo=CHINA)
MOMENTS = {
    "2026-03-01": UNTIL,
    "2025-11-12T09:30:00": datetime(2025, 11, 12, 9, 30, tzinfo=CHINA),
    "2025-01-15T00:00:00+00:00": datetime(2025, 1, 15, 8, tzinfo=CHINA),
}
TIERS = {"new", "high_value", "potential", "silent", "low_value", "regular"}


@dataclass(frozen=True)
class Lived:
    """What the brand left behind; its database is gone."""

    facts: brand_by_pandas.Facts
    standings: dict[int, tuple[Any, ...]]
    run: dict[str, int]
    full: dict[str, Any]
    scores: dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def lived(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Lived:
    with django_db_blocker.unblock(), own_database():
        _output("load_demo", members=1500, seed=7, until=UNTIL)
        fields = ("member_id", "frequency", "monetary", "r", "f", "m", "tier")
        return Lived(
            facts=brand_by_pandas.facts(),
            standings={number: tuple(values) for number, *values in MemberStanding.objects.values_list(*fields)},
            run=TierRun.objects.get(as_of=UNTIL).by_tier,
            full=json.loads(_output("retier", as_of="2026-03-01", full=True, json=True)),
            scores={text: list(csv.DictReader(io.StringIO(_output("rfm_scores", as_of=text)))) for text in MOMENTS},
        )


def test_standings_after_the_brands_life_equal_pandas_for_every_member(lived: Lived) -> None:
    """They were made by runs that added differences, from the first month on."""
    people = brand_by_pandas.expected(lived.facts, UNTIL)
    known = people[people["is_known"]]
    assert lived.standings == {number: _standing(each) for number, each in known.iterrows()}
    assert set(known["tier"]) == TIERS
    assert lived.run == known["tier"].value_counts().to_dict()


def test_full_run_as_of_the_same_moment_moves_nobody(lived: Lived) -> None:
    assert (lived.full["moved"], lived.full["by_tier"]) == (0, lived.run)
    assert lived.full["members"] == len(lived.standings)


def test_next_hourly_run_moves_hardly_anybody(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Loaded twenty minutes after its end: all that the story recorded, who took part in activities too, is in the tiers."""
    with django_db_blocker.unblock(), own_database(), time_machine.travel(UNTIL + timedelta(minutes=20)):
        _output("load_demo", members=800, seed=7, until=UNTIL)
        found = _next_hour()
    assert found.moved < found.members / 200


@pytest.mark.parametrize("text", MOMENTS)
def test_scores_as_of_any_moment_equal_pandas_for_every_member(lived: Lived, text: str) -> None:
    people = brand_by_pandas.expected(lived.facts, MOMENTS[text])
    assert list(lived.scores[text][0]) == [
        "external_id", "recency_days", "frequency", "monetary", "r", "f", "m", "tier",
    ]  # fmt: skip
    assert len(lived.scores[text]) == len(people) == 1500
    assert {row["external_id"]: tuple(row.values())[1:] for row in lived.scores[text]} == {
        each["external_id"]: _row(each) for _number, each in people.iterrows()
    }


def _next_hour() -> RetierResult:
    while any(follow_all(now=timezone.now()).values()):
        pass
    return retier(as_of=UNTIL + timedelta(hours=1))


def _standing(each: pd.Series) -> tuple[Any, ...]:
    scores = (None if pd.isna(each[name]) else int(each[name]) for name in "rfm")
    return each["frequency"], Decimal(int(each["fen"])) / 100, *scores, each["tier"]


def _row(each: pd.Series) -> tuple[str, ...]:
    recency, *scores = ("" if pd.isna(each[name]) else str(int(each[name])) for name in ("recency", *"rfm"))
    return recency, str(each["frequency"]), f"{each['fen'] / 100:.2f}", *scores, each["tier"]


def _output(command: str, **options: object) -> str:
    out = io.StringIO()
    call_command(command, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()
