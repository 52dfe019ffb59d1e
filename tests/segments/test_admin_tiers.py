"""The pages of tiers: figures equal an independent reckoning, edits are shown before they are saved, and refused well."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from members.models import Member, filter_members
from segments.models import MemberStanding, RunRequest, Tier, TierCriterion
from segments.pages.flow_picture import picture
from segments.pages.flow_window import Window
from segments.pages.phrases import alternatives, phrase
from segments.rules.definitions import CriterionRule, TierRule
from segments.rules.movement import direction
from segments.selectors.flow import FlowCell
from segments.services.editing import edition
from segments.services.goals import measure_goals
from segments.services.requests import perform_request
from segments.services.retier import retier
from tests.brand import administrator, signed_in
from tests.segments.facts import Act, Order, add_acts, add_orders, make_members

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("assessed")]

NOW = timezone.now().replace(microsecond=0)
DAY = timedelta(days=1)


def crowd(times: int = 1) -> list[int]:
    """Per time: two big spenders with interactions, one between ¥300 and ¥500, one who only looked, one silent."""
    members: list[int] = []
    for _time in range(times):
        five = make_members([NOW - 200 * DAY] * 5, created_at=NOW - 200 * DAY)
        add_orders(
            [
                Order(five[place], NOW - 3 * DAY, Decimal(amount))
                for place, amount in enumerate(("800", "620.50", "350"))
            ]
        )
        add_acts([Act(member, NOW - 4 * DAY) for member in five[:4] for _act in range(3)])
        members += five
    return members


@pytest.fixture
def client() -> Client:
    return signed_in(administrator())


def form_data(**changes: Any) -> dict[str, Any]:
    """What the editor sends for the rules in force, with some fields changed (dots as double underscores)."""
    data: dict[str, Any] = {"began_with": edition(), "order": [], "rfm.window_days": "365", "rfm.method": "quintile"}
    for tier in Tier.objects.order_by("position"):
        data["order"].append(tier.code)
        names = ("name_zh", "name_en", "strategy_zh", "strategy_en", "goal")
        data |= {f"{tier.code}.{name}": getattr(tier, name) for name in names}
        data |= {f"{tier.code}.goal_target": str(tier.goal_target or ""), f"{tier.code}.is_active": "1"}
        rows = list(tier.criteria.order_by("alternative", "pk"))
        data[f"{tier.code}.measure"] = [row.measure for row in rows]
        data[f"{tier.code}.window"] = [str(row.window_days or "") for row in rows]
        data[f"{tier.code}.operator"] = [row.operator for row in rows]
        data[f"{tier.code}.value"] = [str(row.value) for row in rows]
        data[f"{tier.code}.alternative"] = [str(row.alternative) for row in rows]
    return data | {name.replace("__", "."): value for name, value in changes.items()}


def texts_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_overview_shows_people_revenue_and_value_as_pandas_reckons_them(client: Client) -> None:
    crowd()
    retier(as_of=NOW)
    columns = client.get(reverse("segments:tiers")).context["columns"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.tier, p.amount FROM segments_memberstanding s LEFT JOIN timeline_purchase p USING (member_id)"
        )
        frame = pd.DataFrame(cursor.fetchall(), columns=["tier", "amount"]).fillna({"amount": Decimal(0)})
    people = MemberStanding.objects.count()
    sums, sizes = frame.groupby("tier")["amount"].sum(), frame.groupby("tier").size()
    shown = {column.figures.tier.code: column.figures for column in columns if column.figures.members}
    assert (
        {code: each.members for code, each in shown.items()}
        == sizes.to_dict()
        == {"high_value": 2, "silent": 1, "regular": 2}
    )
    assert {code: each.revenue_30d for code, each in shown.items()} == sums.to_dict()
    assert shown["high_value"].lifetime_value == Decimal("710.25")
    assert shown["high_value"].share == round(Decimal(200) / people, 1)


def test_overview_takes_the_same_queries_with_more_members(client: Client) -> None:
    crowd()
    retier(as_of=NOW - DAY)
    client.get(reverse("segments:tiers"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("segments:tiers"))
    crowd(2)
    retier(as_of=NOW)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("segments:tiers"))
    assert len(many) == len(few) <= 15


def test_goal_without_facts_is_a_word_with_its_reason(client: Client) -> None:
    crowd()
    retier(as_of=NOW)
    measure_goals()
    page = texts_of(client.get(reverse("segments:tiers")))
    assert "尚未观测到 没有记录成本数据。" in page
    assert "目标 −50%" in page


@pytest.mark.parametrize(
    ("criterion", "chinese", "english"),
    [
        (("spend", 30, ">=", "500"), "近30天消费 ≥ ¥500", "spent ≥ ¥500 in 30 days"),
        (("interactions", 7, ">=", "3"), "近7天互动 ≥ 3 次", "≥ 3 interactions in 7 days"),
        (("interactions", 90, "<", "1"), "近90天无互动", "no interaction in 90 days"),
        (("interactions", 1, "<", "1"), "近1天无互动", "no interaction in 1 day"),
        (("orders", 30, ">=", "1"), "近30天订单 ≥ 1 笔", "≥ 1 order in 30 days"),
        (("orders", None, "=", "0"), "尚未下单", "no order yet"),
        (("registered_days", None, "<=", "7"), "入会 ≤ 7 天", "registered ≤ 7 days ago"),
        (("coupon_share", 365, ">=", "80"), "近365天用券订单占比 ≥ 80%", "≥ 80 % of orders with a coupon in 365 days"),
        (("spend", None, "<", "1234.5"), "累计消费 < ¥1,234.50", "spent < ¥1,234.50 since the beginning"),
        (("r", None, ">=", "4"), "R ≥ 4", "R ≥ 4"),
    ],
)
def test_rule_is_said_as_a_marketer_says_it(criterion: tuple[Any, ...], chinese: str, english: str) -> None:
    measure, days, operator, value = criterion
    rule = CriterionRule(measure=measure, window_days=days, operator=operator, value=Decimal(value))
    with translation.override("zh-hans"):
        assert phrase(rule) == chinese
    with translation.override("en"):
        assert phrase(rule) == english
        assert alternatives(TierRule(code="x", criteria=(rule, rule))) == [[english, english]]


def test_preview_says_who_would_move_and_saves_nothing(client: Client) -> None:
    crowd()
    retier(as_of=NOW)
    before = edition()
    answer = client.post(reverse("segments:preview"), form_data(high_value__value=["300", "3"])).json()
    assert (answer["errors"], answer["moved"]) == ({}, 1)
    assert answer["tiers"]["high_value"] == {"before": "2", "after": "3", "change": 1}
    assert answer["tiers"]["regular"] == {"before": "2", "after": "1", "change": -1}
    assert "普通用户" in answer["html"]
    assert edition() == before
    assert MemberStanding.objects.filter(tier="high_value").count() == 2


def test_save_keeps_the_reason_and_a_run_moves_as_many_as_the_preview_said(client: Client) -> None:
    crowd()
    retier(as_of=NOW)
    changed = form_data(high_value__value=["300", "3"])
    promised = client.post(reverse("segments:preview"), changed).json()["tiers"]["high_value"]["after"]
    response = client.post(reverse("segments:rules"), changed | {"reason": "门槛过高", "retier": "1"})
    assert response.status_code == 302
    perform_request(request_id=RunRequest.objects.get().pk, now=timezone.now())
    assert MemberStanding.objects.filter(tier="high_value").count() == int(promised) == 3
    assert AuditEntry.objects.get(action="segments.tier.update").reason == "门槛过高"
    assert TierCriterion.objects.get(tier__code="high_value", measure="spend").value == 300


def test_order_of_the_page_is_the_order_of_match(client: Client) -> None:
    order = ["potential", "high_value", "new", "silent", "low_value", "regular"]
    client.post(reverse("segments:rules"), form_data(order=order, reason="试试"))
    assert list(Tier.objects.order_by("position").values_list("code", flat=True)) == order


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"high_value__value": ["abc", "3"]}, "high_value.criteria.0"),
        ({"high_value__value": ["500", "2.5"]}, "high_value.criteria.1"),
        ({"high_value__value": ["500", ""]}, "high_value.criteria.1"),
        ({"high_value__window": ["30", "99999"]}, "high_value.criteria.1"),
        ({"high_value__name_zh": " "}, "high_value.name_zh"),
        ({"high_value__goal_target": "5000"}, "high_value"),
        ({"new__goal_target": "x"}, "new.goal_target"),
        ({"rfm__window_days": ""}, "rfm.window_days"),
        ({"rfm__method": "fixed", "rfm__monetary": ["1", "2"]}, "rfm.monetary"),
        ({"silent__measure": [], "silent__value": []}, "silent"),
        ({"silent__operator": [">=", "=", ">"], "silent__measure": ["orders", "orders", "orders"]}, "silent"),
    ],
)
def test_faults_stand_beside_their_fields_and_nothing_is_saved(
    client: Client, changes: dict[str, Any], key: str
) -> None:
    before = edition()
    answer = client.post(reverse("segments:preview"), form_data(**changes)).json()
    assert key in answer["errors"]
    assert client.post(reverse("segments:rules"), form_data(**changes, reason="x")).status_code == 422
    assert edition() == before


def test_wrong_number_is_still_there_when_the_page_comes_back(client: Client) -> None:
    response = client.post(reverse("segments:rules"), form_data(high_value__value=["五百", "3"], reason="x"))
    assert response.status_code == 422
    assert 'value="五百"' in response.content.decode()
    assert "“五百”不是数值。" in texts_of(response)


def test_save_without_a_reason_is_refused(client: Client) -> None:
    before = edition()
    response = client.post(reverse("segments:rules"), form_data(high_value__value=["300", "3"], reason="  "))
    assert (response.status_code, edition()) == (422, before)


def test_save_over_somebody_elses_change_is_refused(client: Client) -> None:
    mine = form_data(high_value__value=["300", "3"], reason="mine")
    client.post(reverse("segments:rules"), form_data(high_value__value=["400", "3"], reason="theirs"))
    response = client.post(reverse("segments:rules"), mine)
    assert response.status_code == 409
    assert "有人修改了规则" in texts_of(response)
    assert TierCriterion.objects.get(tier__code="high_value", measure="spend").value == 400


def test_flow_counts_people_and_its_cell_opens_them(client: Client) -> None:
    members = crowd()
    retier(as_of=NOW - 2 * DAY)
    add_orders([Order(members[2], NOW - DAY, Decimal(900))])
    retier(as_of=NOW)
    start, end = (timezone.localtime(moment).date() for moment in (NOW - 2 * DAY, NOW))
    response = client.get(reverse("segments:flow"), {"from": start, "to": end})
    rows = {row.code: dict(zip(response.context["names"], row.cells, strict=True)) for row in response.context["rows"]}
    cell = rows["regular"]["high_value"]
    assert (cell.members, cell.revenue, cell.state) == (1, Decimal(900), "good")
    found = filter_members(Member.objects.all(), {"moved": f"{start}:{end}:regular:high_value"}, now=NOW)
    assert [member.pk for member in found] == [members[2]]
    page = client.get(cell.link)
    assert [row.member.pk for row in page.context["rows"]] == [members[2]]
    assert "普通用户 → 高价值活跃用户" in texts_of(page)


def test_flow_as_csv_gives_every_pair(client: Client) -> None:
    crowd()
    retier(as_of=NOW - 2 * DAY)
    retier(as_of=NOW)
    start, end = (timezone.localtime(moment).date() for moment in (NOW - 2 * DAY, NOW))
    lines = (
        client.get(reverse("segments:flow"), {"from": start, "to": end, "format": "csv"}).content.decode().splitlines()
    )
    assert [line.lstrip("\ufeff").rsplit(",", 1)[0] for line in lines] == [
        "从,到,会员",
        "高价值活跃用户,高价值活跃用户,2",
        "普通用户,普通用户,2",
        "沉默用户,沉默用户,1",
    ]


@pytest.mark.parametrize(
    ("pair", "state"),
    [
        (("regular", "high_value"), "good"),
        (("high_value", "potential"), "watch"),
        (("high_value", "silent"), "act"),
        (("", "silent"), "none"),
        (("regular", "new"), "none"),
        (("silent", "low_value"), "none"),
    ],
)
def test_direction_of_a_move(pair: tuple[str, str], state: str) -> None:
    assert direction(*pair) == state


def test_run_button_is_a_post(client: Client) -> None:
    assert client.get(reverse("segments:run")).status_code == 405


@pytest.mark.parametrize(
    ("role", "sees", "edits"),
    [
        (Role.MARKETER, 200, True),
        (Role.ANALYST, 200, False),
        (Role.AUDITOR, 200, False),
        (Role.GUIDE, 403, False),
        (Role.STORE_MANAGER, 403, False),
        (Role.JUNIOR_SERVICE, 403, False),
    ],
)
def test_who_sees_and_who_edits(role: str, sees: int, edits: bool) -> None:
    user = User.objects.create_user("somebody", role=role, is_staff=True)
    client = signed_in(user)
    for name in ("segments:tiers", "segments:rules", "segments:flow"):
        assert client.get(reverse(name)).status_code == sees
    before = edition()
    changed = form_data(high_value__value=["300", "3"], reason="x")
    assert client.post(reverse("segments:preview"), changed).status_code == (200 if edits else 403)
    assert client.post(reverse("segments:run")).status_code == (302 if edits else 403)
    assert client.post(reverse("segments:rules"), changed).status_code == (302 if edits else 403)
    assert (edition() != before) is edits


@pytest.mark.parametrize(
    "name", ["segments:tiers", "segments:rules", "segments:flow", "segments:tags", "segments:tag_add"]
)
def test_pages_open_in_both_languages_before_and_after_the_first_run(name: str) -> None:
    admin = administrator()
    for language in ("zh-hans", "en"):
        assert signed_in(admin, language).get(reverse(name)).status_code == 200
    crowd()
    retier(as_of=NOW)
    for language in ("zh-hans", "en"):
        assert signed_in(admin, language).get(reverse(name)).status_code == 200


def test_picture_draws_no_bar_for_a_tier_that_nobody_of_both_days_is_in() -> None:
    """The newcomers' tier: who is in it now was not there on the first day."""
    cells = [
        FlowCell(from_tier="new", to_tier="regular", members=3, revenue=Decimal(0)),
        FlowCell(from_tier="regular", to_tier="regular", members=5, revenue=Decimal(0)),
        FlowCell(from_tier="", to_tier="new", members=305, revenue=Decimal(0)),
    ]
    window = Window(start=date(2026, 1, 1), end=date(2026, 1, 31))
    drawn = picture(cells, {"new": "New", "regular": "Regular"}, window)
    assert drawn is not None
    assert [(bar.name, bar.members) for bar in drawn["left"]] == [("New", 3), ("Regular", 5)]
    assert [(bar.name, bar.members) for bar in drawn["right"]] == [("Regular", 8)]
