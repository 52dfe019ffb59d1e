"""What programs read: who went silent, the curve, preferences; within what they may see, and strict."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboards.models import ChurnFlag, InsightSettings
from dashboards.services.preferences import count_preferences
from dashboards.services.silences import count_silences, flag_silent
from tests import api
from tests.dashboards import lively
from tests.dashboards.test_silences import as_lists, gaps

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FLAGS, CURVE, PREFERENCES = "/api/v1/churn-flags/", "/api/v1/churn-curve/", "/api/v1/preferences/"


def test_flags_are_those_of_members_that_the_key_sees() -> None:
    brand = lively.found()
    flag_silent(now=brand.now)
    everybody = api.client("insights:read").get(FLAGS, {"page_size": 500}).json()["results"]
    assert {row["member"] for row in everybody} == set(ChurnFlag.objects.values_list("member", flat=True))
    held = api.client("insights:read", stores=[brand.stores[0]]).get(FLAGS, {"page_size": 500}).json()["results"]
    own = {member.pk for member in brand.members if member.home_store_id == brand.stores[0].pk}
    assert {row["member"] for row in held} == {row["member"] for row in everybody} & own
    assert held


def test_flags_are_filtered_by_what_is_open_and_since_when() -> None:
    day = timezone.localdate()
    one, other = (api.member() for _number in range(2))
    ChurnFlag.objects.create(member=one, seen=day - 5 * DAY, days=3, scope="all", since=day - DAY)
    ChurnFlag.objects.create(
        member=other, seen=day - 40 * DAY, days=3, scope="all", since=day - 36 * DAY, until=day, ended="lost"
    )
    client = api.client("insights:read")

    def members(**query: Any) -> list[int]:
        return [row["member"] for row in client.get(FLAGS, query).json()["results"]]

    assert members() == [other.pk, one.pk]
    assert members(open="true") == [one.pk]
    assert members(open="false") == [other.pk]
    assert members(since_from=(day - 2 * DAY).isoformat()) == [one.pk]
    for wrong in ({"open": "perhaps"}, {"since_from": "soon"}, {"who": "x"}):
        assert client.get(FLAGS, wrong).status_code == 400
    assert api.client("members:read").get(FLAGS).status_code == 403


def test_curve_is_that_of_everybody_or_of_the_stores_of_the_key() -> None:
    brand = lively.found()
    client = api.client("insights:read")
    assert client.get(CURVE).status_code == 404
    count_silences(now=brand.now)
    answer = client.get(CURVE).json()
    assert (answer["scope"], answer["threshold_days"], answer["horizon_days"]) == ("all", 3, 30)
    assert answer["silences"] == len(gaps(brand.now))
    assert [loss["days"] for loss in answer["losses"]] == list(range(1, 61))
    assert client.get(CURVE, {"scope": "tier:regular"}).json()["silences"] < answer["silences"]
    assert client.get(CURVE, {"scope": "tier:none"}).status_code == 404
    assert client.get(CURVE, {"wrong": "1"}).status_code == 400
    held = api.client("insights:read", stores=[brand.stores[2]]).get(CURVE).json()
    own = {member.pk for member in brand.members if member.home_store_id == brand.stores[2].pk}
    silences = gaps(brand.now)
    assert held["silences"] == sum(map(sum, as_lists(silences[silences["member"].isin(own)])))


def test_preferences_are_those_of_the_page() -> None:
    brand = lively.found()
    InsightSettings.objects.update(least_buyers=5)
    client = api.client("insights:read")
    assert client.get(PREFERENCES).status_code == 404
    count_preferences(now=brand.now)
    cells = client.get(PREFERENCES).json()["cells"]
    assert {cell["category"] for cell in cells} == set(lively.CATEGORIES)
    assert all(cell["share"] == pytest.approx(cell["buyers"] / cell["base_buyers"]) for cell in cells if cell["share"])
    assert client.get(PREFERENCES, {"of": "spend"}).json()["of"] == "spend"
    assert client.get(PREFERENCES, {"of": "hope"}).status_code == 400
