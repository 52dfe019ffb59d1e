"""Metrics and snapshots for programs: what they hold, who sees what, what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from dashboards.models import MetricDefinition, Snapshot
from segments.models import Audience
from tests import api

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.localdate() - timedelta(days=1)


def snapshot(code: str = "arpu", **values: object) -> Snapshot:
    given = {"day": YESTERDAY, "value": "212.5", "facts": {"revenue": "425", "active_members": "2"}, "sample": 2}
    row = {**given, "sight": "observed", "counted_as": 1, "computed_at": timezone.now(), **values}
    return Snapshot.objects.create(metric=MetricDefinition.objects.get(code=code), **row)


def test_metrics_are_read_with_their_words() -> None:
    client = api.client("metrics:read")
    answer = client.get("/api/v1/metrics/").json()
    assert [row["code"] for row in answer["results"]][:2] == ["interactions_per_member", "message_open_rate"]
    arpu = client.get("/api/v1/metrics/arpu/").json()
    assert (arpu["formula"], arpu["formula_in_words"]) == (
        "revenue / active_members",
        "net revenue ÷ members with a fact",
    )
    assert (arpu["low"], arpu["high"], arpu["good_side"]) == ("150.0000", "300.0000", "higher")
    assert client.get("/api/v1/metrics/none/").status_code == 404


def test_snapshots_are_narrowed_and_judged() -> None:
    store = api.store()
    snapshot()
    snapshot(slice="store", slice_id=str(store.pk), value="120")
    snapshot("retention_30d", value=None, sight="not_due", lack="too_young")
    snapshot(day=YESTERDAY - timedelta(days=9), value="1")
    client = api.client("metrics:read")
    rows = client.get("/api/v1/snapshots/", {"metric": "arpu", "day_from": str(YESTERDAY), "slice": "all"}).json()[
        "results"
    ]
    assert [(row["value"], row["health"], row["facts"]) for row in rows] == [
        ("212.500000", "good", {"revenue": "425", "active_members": "2"})
    ]
    (absent,) = client.get("/api/v1/snapshots/", {"metric": "retention_30d"}).json()["results"]
    assert (absent["value"], absent["sight"], absent["lack"], absent["health"]) == (
        None,
        "not_due",
        "too_young",
        "none",
    )
    assert len(client.get("/api/v1/snapshots/").json()["results"]) == 4
    for query in ({"day_from": "x"}, {"colour": "red"}, {"metric": ""}):
        assert client.get("/api/v1/snapshots/", query).status_code == 400


def test_key_held_to_a_store_sees_its_figures_alone() -> None:
    own, other = api.store(), api.store()
    for slice_, number in (("all", ""), ("store", own.pk), ("store", other.pk), ("tier", "new")):
        snapshot(slice=slice_, slice_id=str(number))
    client = api.client("metrics:read", stores=[own])
    rows = client.get("/api/v1/snapshots/").json()["results"]
    assert [(row["slice"], row["slice_id"]) for row in rows] == [("store", str(own.pk))]
    assert client.get("/api/v1/metrics/").status_code == 200


@pytest.mark.parametrize(("permission", "expected"), [("segments.view_audience", ["all", "audience"]), ("", ["all"])])
def test_key_reads_figures_of_audiences_only_where_it_sees_them(
    monkeypatch: pytest.MonkeyPatch, permission: str, expected: list[str]
) -> None:
    audience = Audience.objects.create(name="门店一", rule={"filter": {"store": ["x"]}})
    for slice_, number in (("audience", audience.pk), ("activity", 1), ("group", 1), ("all", "")):
        snapshot(slice=slice_, slice_id=str(number))
    client = api.client("metrics:read")
    held = {"dashboards.view_snapshot", permission}
    monkeypatch.setattr(User, "has_perm", lambda _user, name, _obj=None: name in held)
    rows = client.get("/api/v1/snapshots/").json()["results"]
    assert sorted(row["slice"] for row in rows) == expected


def test_key_without_the_scope_reads_no_metric() -> None:
    assert api.client("tiers:read").get("/api/v1/metrics/").status_code == 403
    assert api.client("tiers:read").get("/api/v1/snapshots/").status_code == 403


def test_figures_of_an_earlier_formula_are_not_given_out() -> None:
    snapshot()
    MetricDefinition.objects.filter(code="arpu").update(counted_as=2)
    assert api.client("metrics:read").get("/api/v1/snapshots/").json()["results"] == []
