"""Metrics as rows: made, changed with versions, refused with sentences; judged; asked of whoever answers for them."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from core.registries import work
from dashboards.enums import GoodSide, Health
from dashboards.errors import MetricChanged, MetricNotValid
from dashboards.models import MetricDefinition, Snapshot
from dashboards.rules.drawing import drawing
from dashboards.rules.judging import judged
from dashboards.services.metrics import change_metric, create_metric
from tests.brand import administrator, signed_in

NOW = timezone.now()
VALUES: dict[str, Any] = {"level": "operations", "name_zh": "人均订单", "formula": "orders / active_members"}


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def refusal(**values: Any) -> dict[str, list[str]]:
    with pytest.raises(MetricNotValid) as refused:
        create_metric(code=values.pop("code", "mine"), values={**VALUES, **values}, by=None, now=NOW)
    return {name: [str(each) for each in said] for name, said in refused.value.fields.items()}


@pytest.mark.django_db
def test_six_metrics_are_shipped_as_the_board_defines_them() -> None:
    rows = MetricDefinition.objects.order_by("position")
    assert [(row.level, row.code, row.formula, row.comparison, row.low, row.high, row.good_side) for row in rows] == [
        ("operations", "interactions_per_member", "interactions / active_members", "none", 12, None, "higher"),
        (
            "operations",
            "message_open_rate",
            "messages_opened / messages_delivered",
            "none",
            Decimal("0.65"),
            None,
            "higher",
        ),
        (
            "conversion",
            "click_to_order_rate",
            "click_orders / tracked_clicks",
            "none",
            Decimal("0.08"),
            Decimal("0.15"),
            "higher",
        ),
        ("conversion", "average_order_value", "revenue / orders", "preceding", Decimal("0.2"), None, "higher"),
        ("user_value", "arpu", "revenue / active_members", "none", 150, 300, "higher"),
        ("user_value", "retention_30d", "returned_members / matured_members", "none", Decimal("0.45"), None, "higher"),
    ]
    assert all(row.window_days == 30 and row.advice_zh and row.advice_en and row.words_zh for row in rows)
    assert [row.versions.count() for row in rows] == [1] * 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"formula": "ordres / active_members"},
            {"formula": ["There is no fact called “ordres”. Do you mean “orders”?"]},
        ),
        ({"formula": ""}, {"formula": ["Write a formula, such as revenue / orders."]}),
        ({"window_days": 0}, {"window_days": ["Between 1 and 366 days."]}),
        ({"window_days": 367}, {"window_days": ["Between 1 and 366 days."]}),
        ({"low": Decimal(2), "high": Decimal(1)}, {"high": ["The upper end lies at or above the lower one."]}),
        ({"high": Decimal(1)}, {"low": ["Where higher is better, the lower end says what is healthy."]}),
        (
            {"low": Decimal(1), "good_side": "lower"},
            {"high": ["Where lower is better, the upper end says what is healthy."]},
        ),
        ({"low": Decimal(10) ** 12}, {"low": ["That is larger than any value here."]}),
        ({"tolerance": Decimal(2)}, {"tolerance": ["Between 0 and 100 %."]}),
        ({"name_zh": " "}, {"name_zh": ["Give it a name, in one of the two languages at least."]}),
        ({"name_zh": "长" * 61}, {"name_zh": ["At most 60 characters."]}),
        ({"code": "a b"}, {"code": ["Letters from a to z, digits, - and _ only."]}),
        ({"code": ""}, {"code": ["Letters from a to z, digits, - and _ only."]}),
        ({"code": "arpu"}, {"code": ["There is a metric with this code already."]}),
    ],
)
def test_metric_that_cannot_be_is_refused(values: dict[str, Any], said: dict[str, list[str]]) -> None:
    assert refusal(**values) == said
    assert MetricDefinition.objects.count() == 6


@pytest.mark.django_db
def test_change_leaves_a_version_and_a_row_in_the_record() -> None:
    admin, arpu = administrator(), MetricDefinition.objects.get(code="arpu")
    with pytest.raises(MetricNotValid) as refused:
        change_metric(metric=arpu, values={"low": Decimal(160)}, version=1, reason=" ", by=admin, now=NOW)
    assert list(refused.value.fields) == ["reason"]
    change_metric(metric=arpu, values={"low": Decimal(160)}, version=1, reason="提价", by=admin, now=NOW)
    with pytest.raises(MetricChanged):
        change_metric(metric=arpu, values={"low": Decimal(170)}, version=1, reason="提价", by=admin, now=NOW)
    assert change_metric(metric=arpu, values={"low": Decimal(160)}, version=2, reason="", by=admin, now=NOW) == {}
    entry = AuditEntry.objects.get(action="dashboards.change_metric")
    assert entry.changes == {"low": ["150", "160"]}
    assert entry.reason == "提价"
    latest = arpu.versions.first()
    assert latest is not None
    assert (latest.version, latest.definition["low"], latest.by_label, latest.reason) == (2, "160", "沈岚", "提价")
    assert (arpu.versions.count(), MetricDefinition.objects.get(code="arpu").counted_as) == (2, 1)


@pytest.mark.parametrize(
    ("side", "value", "health"),
    [
        ("higher", "12", "good"),
        ("higher", "11", "watch"),
        ("higher", "10.7", "act"),
        ("higher", "999", "good"),
        ("lower", "20", "good"),
        ("lower", "21", "watch"),
        ("lower", "23", "act"),
        ("lower", "1", "good"),
        ("inside", "15", "good"),
        ("inside", "11", "watch"),
        ("inside", "5", "act"),
        ("inside", "30", "act"),
    ],
)
def test_value_is_judged_by_the_good_side(side: str, value: str, health: str) -> None:
    bounds = {"low": Decimal(12), "high": Decimal(20), "tolerance": Decimal("0.1")}
    assert judged(Decimal(value), side=side, **bounds) == health


def test_nothing_is_judged_without_a_value_or_a_range() -> None:
    tolerance = Decimal(0)
    assert judged(None, side=GoodSide.HIGHER, low=Decimal(1), high=None, tolerance=tolerance) == Health.NONE
    assert judged(Decimal(1), side=GoodSide.HIGHER, low=None, high=Decimal(2), tolerance=tolerance) == Health.NONE
    assert (
        judged(Decimal("0.1"), side=GoodSide.HIGHER, low=Decimal("0.2"), high=None, tolerance=tolerance) == Health.ACT
    )


def test_line_has_gaps_where_nothing_is_known() -> None:
    line = drawing([None, 1.0, 3.0, None, 2.0, None, 4.0, 4.0], 2.0, None)
    assert line is not None
    assert (len(line.pieces), len(line.dots), line.bottom) == (2, 1, 0.0)
    assert line.band is not None
    assert line.band[0] == 0.0
    assert drawing([None, None], 1.0, 2.0) is None
    assert drawing([0.0], None, None) is not None
    assert drawing([-1.0, 1.0], None, 0.5) is not None


def outside_for(user: User) -> list[tuple[str, str, str]]:
    source = work.get("dashboards.metrics")
    with translation.override("en"):
        return [(item.state, str(item.title), str(item.detail)) for item in source.items(user, timezone.now())]


@pytest.mark.django_db
def test_metric_outside_its_range_asks_whoever_answers_for_it() -> None:
    marketer, other = (
        User.objects.create_user(name, role=Role.MARKETER, is_staff=True) for name in ("marketer", "other")
    )
    manager = User.objects.create_user("manager", role=Role.STORE_MANAGER, is_staff=True)
    day = timezone.localdate() - timedelta(days=1)
    for code, value in (("arpu", "120"), ("retention_30d", "0.43"), ("interactions_per_member", "13")):
        metric = MetricDefinition.objects.get(code=code)
        Snapshot.objects.create(metric=metric, day=day, value=value, sight="observed", counted_as=1, computed_at=NOW)
    MetricDefinition.objects.filter(code="arpu").update(owner=other)
    retention = (
        "watch",
        "30-day retention: 43.0 %, healthy is ≥ 45 %",
        "Refine the tiers, and give each its own benefits and content",
    )
    assert outside_for(marketer) == [retention]
    assert outside_for(other) == [
        ("act", "ARPU: ¥120, healthy is ¥150 – ¥300", "Refine the tiers, and give each its own benefits and content"),
        retention,
    ]
    assert outside_for(manager) == []
    today = signed_in(other, "en").get("/admin/today/").content.decode()
    assert "ARPU: ¥120, healthy is" in today
