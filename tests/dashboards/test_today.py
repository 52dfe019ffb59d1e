"""Today: figures of the last run, what waits, who sees what, and few queries."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import Role
from accounts.models import User
from content.models import CadenceRule
from core.registries import schedules
from dashboards.pages.today import greeting
from intake.enums import ImportState
from intake.models import ImportJob
from members.models import Member
from scrm.models import ScheduledRun
from scrm.services import sync_schedules
from segments.models import MemberStanding, TierSnapshot
from segments.services.retier import retier
from tests.brand import administrator, signed_in
from tests.segments.facts import Act, Order, add_acts, add_orders, make_members

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = "/admin/today/"


def crowd() -> list[int]:
    now = timezone.now()
    members = make_members([now - 200 * DAY] * 3, created_at=now - 200 * DAY)
    add_orders([Order(members[0], now - 3 * DAY, Decimal("812.50")), Order(members[1], now - 3 * DAY, Decimal(90))])
    add_acts([Act(members[0], now - DAY)] * 3)
    return members


@pytest.fixture
def client(assessed: None) -> Client:
    """An administrator's, where no cadence asks for content: how much is missing depends on the day of the test."""
    CadenceRule.objects.update(is_active=False)
    return signed_in(administrator())


def titles(response: Any) -> list[tuple[str, str]]:
    return [(item.state, str(item.title)) for item in response.context["work"]]


@pytest.mark.parametrize(
    ("language", "said", "link"),
    [
        ("en", "One person writes how it affects people, another approves it", "Write the assessment"),
        ("zh-hans", "由一人撰写、另一人批准", "撰写评估"),
    ],
)
@pytest.mark.parametrize("page", [TODAY, "/admin/tiers/"])
def test_new_installation_says_what_automatic_tiers_wait_for(page: str, language: str, said: str, link: str) -> None:
    text = " ".join(signed_in(administrator(), language).get(page).content.decode().split())
    assert said in text
    assert re.search(rf'href="{reverse("compliance:assessments")}">{link}</a>', text)


def test_who_cannot_write_the_assessment_is_shown_it_and_who_sees_none_gets_no_link() -> None:
    for role, link in (
        (Role.MARKETER, "Write the assessment"),
        (Role.AUDITOR, "See the assessment"),
        (Role.ANALYST, ""),
    ):
        user = User.objects.create_user(role, role=role, is_staff=True)
        text = signed_in(user, "en").get("/admin/tiers/").content.decode()
        assert "Automatic tiers wait for an impact assessment." in text
        assert (f">{link}</a>" in text) if link else ("the assessment</a>" not in text)


def test_nothing_waits_for_an_assessment_that_is_there(client: Client) -> None:
    for page in (TODAY, "/admin/tiers/"):
        assert "tiering_waits" not in client.get(page).content.decode()
        assert "影响评估" not in client.get(page).content.decode()


def test_strip_shows_what_the_standings_hold(client: Client) -> None:
    crowd()
    retier()
    strip = client.get(TODAY).context["strip"]
    shown = {figures.tier.code: figures.members for figures, _link in strip.tiers if figures.members}
    standings = list(MemberStanding.objects.values_list("tier", flat=True))
    assert (
        shown
        == {code: standings.count(code) for code in set(standings)}
        == {"high_value": 1, "regular": 1, "silent": 1}
    )
    assert (strip.revenue, strip.buyers, strip.orders) == (Decimal("902.50"), 2, 2)


def test_charts_and_their_files_show_the_snapshots(client: Client) -> None:
    crowd()
    retier()
    charts = {chart.code: chart for chart in client.get(TODAY).context["charts"]}
    last = {each["colour"].removeprefix("tier:"): each["data"][-1] for each in charts["tiers"].spec["datasets"]}
    snapshots = dict(TierSnapshot.objects.values_list("tier", "members"))
    assert last == snapshots
    file = client.get(TODAY, {"format": "csv", "chart": "revenue"}).content.decode("utf-8-sig").splitlines()
    assert len(file) == 2
    assert sum(Decimal(cell) for cell in file[1].split(",")[1:]) == Decimal("902.50")
    assert json.dumps(charts["revenue"].spec)


def test_new_and_lost_do_not_depend_on_how_often_the_tiers_run(client: Client) -> None:
    """Weeks with one run and a week of daily runs: each new or silent member counts once."""
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)  # a Sunday
    make_members([now - 22 * DAY, now - 9 * DAY, now - 3 * DAY, now - 2 * DAY], created_at=now - 40 * DAY)
    lapsing = make_members([now - 400 * DAY], created_at=now - 40 * DAY)
    add_orders([Order(lapsing[0], now - 92 * DAY, Decimal(90))])
    with time_machine.travel(now, tick=False):
        for days in (21, 14, 7, 6, 5, 4, 3, 2, 1, 0):
            retier(as_of=now - days * DAY)
        file = client.get(TODAY, {"format": "csv", "chart": "new_and_lost"}).content.decode("utf-8-sig").splitlines()
    assert file[1:] == ["2026-10-26,1,0", "2026-11-02,0,0", "2026-11-09,1,0", "2026-11-16,2,1"]


def test_queries_are_few_and_stay_as_they_are(client: Client) -> None:
    CadenceRule.objects.update(is_active=True)
    counts = []
    for _time in range(2):
        crowd()
        retier()
        client.get(TODAY)
        with CaptureQueriesContext(connection) as captured:
            client.get(TODAY)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    # the session, the user and unread notices; then each app asks for its own work and condition in one to four
    assert counts[0] <= 62


@pytest.mark.parametrize(
    ("hour", "words"), [(0, "早上好"), (6, "下午好"), (12, "晚上好"), (20, "晚上好"), (21, "早上好")]
)
def test_greeting_follows_the_hour_in_china(hour: int, words: str) -> None:
    assert greeting("沈岚", datetime(2026, 11, 22, hour, tzinfo=UTC)) == f"沈岚，{words}"


def test_old_tiers_ask_to_be_computed(client: Client) -> None:
    crowd()
    retier(as_of=timezone.now() - timedelta(hours=27))
    assert titles(client.get(TODAY)) == [("act", "层级数据过旧")]
    retier()
    assert titles(client.get(TODAY)) == []


def test_valued_tier_that_shrank_is_named_with_its_numbers(client: Client) -> None:
    crowd()
    retier()
    TierSnapshot.objects.filter(tier="high_value").update(members=90)
    now = TierSnapshot.objects.get(tier="high_value")
    TierSnapshot.objects.create(
        day=now.day - 7 * DAY,
        tier="high_value",
        as_of=now.as_of - 7 * DAY,
        members=100,
        joined=0,
        left=0,
        orders_30d=0,
        buyers_30d=0,
        revenue_30d=0,
        lifetime_value=0,
    )
    assert titles(client.get(TODAY)) == [("watch", "高价值活跃用户比一周前少 10 人")]
    TierSnapshot.objects.filter(pk=now.pk).update(members=99)
    assert titles(client.get(TODAY)) == []


def test_imports_and_failed_tasks_are_named(client: Client) -> None:
    now = timezone.now()
    common: dict[str, Any] = {
        "kind": "purchases",
        "layout": "csv",
        "path": "/x",
        "file_size": 1,
        "timezone": "UTC",
        "created_at": now,
    }
    ImportJob.objects.create(
        file_name="坏.csv", state=ImportState.FAILED, finished_at=now, error={"message": "That did not work."}, **common
    )
    ImportJob.objects.create(file_name="半.csv", state=ImportState.STAGING, progress=0.42, **common)
    ImportJob.objects.create(file_name="好.csv", state=ImportState.DONE, finished_at=now, rejected_rows=3, **common)
    ImportJob.objects.create(file_name="全.csv", state=ImportState.DONE, finished_at=now, **common)
    sync_schedules()
    ScheduledRun.objects.create(
        schedule="intake.take_up", planned_at=now, started_at=now, finished_at=now, outcome="failed", error="boom"
    )
    response = client.get(TODAY)
    with translation.override("zh-hans"):
        task = str(schedules.get("intake.take_up").description)
    assert sorted(titles(response)) == [
        ("act", "坏.csv 导入失败"),
        ("act", f"执行失败：{task}"),
        ("busy", "半.csv 正在导入"),
        ("watch", "好.csv：3 行未导入"),
    ]
    assert [item.state for item in response.context["work"]] == ["act", "act", "watch", "busy"]


def test_guide_sees_her_own_members_and_no_figures_of_everybody(client: Client) -> None:
    crowd()
    retier()
    guide = User.objects.create_user("guide", role=Role.GUIDE, is_staff=True)
    yesterday = timezone.now() - DAY
    Member.objects.create(registered_at=yesterday, guide=guide)
    Member.objects.create(registered_at=yesterday)
    context = signed_in(guide).get(TODAY).context
    assert (context["strip"], context["charts"], context["everybody"]) == (None, [], False)
    assert context["pulse"].joined.value == 1
    assert client.get(TODAY).context["pulse"].joined.value == 2


def test_who_sees_no_member_is_shown_no_noughts_of_a_brand(client: Client) -> None:
    """The lawyer: neither a pulse nor a word of members that she looks after, and her work over the whole width."""
    crowd()
    lawyer = User.objects.create_user("lawyer", role=Role.LEGAL, is_staff=True)
    manager = User.objects.create_user("manager", role=Role.STORE_MANAGER, is_staff=True)
    seen = signed_in(lawyer, "en").get(TODAY)
    assert (seen.context["pulse"], seen.context["alone"]) == (None, True)
    assert "look after" not in seen.content.decode()
    assert 'id="pulse"' not in seen.content.decode()
    assert "s-split" not in seen.content.decode()
    assert 'id="work"' in seen.content.decode()
    hers = signed_in(manager, "en").get(TODAY)
    assert (hers.context["pulse"].orders.value, hers.context["alone"]) == (0, True)
    whole = client.get(TODAY)
    assert (whole.context["alone"], "s-split" in whole.content.decode()) == (False, True)


def test_admin_index_is_today(client: Client) -> None:
    assert client.get("/admin/").headers["Location"] == TODAY


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_opens_before_and_after_the_first_run(language: str) -> None:
    client = signed_in(administrator(), language)
    assert client.get(TODAY).status_code == 200
    crowd()
    retier()
    page = client.get(TODAY).content.decode()
    assert ("How do the tiers stand?" in page) is (language == "en")
    assert bool(re.search("各层级现状如何", page)) is (language == "zh-hans")


def test_picture_of_the_flow_links_to_its_people(client: Client) -> None:
    members = crowd()
    with time_machine.travel(timezone.now(), tick=False):
        retier(as_of=timezone.now() - 40 * DAY)
        retier()
        response = client.get(reverse("segments:flow"), {"look": "picture"}, headers={"HX-Request": "true"})
    bands = response.context["picture"]["bands"]
    assert len(bands) == len(members)
    assert sum(bar.members for bar in response.context["picture"]["left"]) == 3
    assert "moved=" in bands[0].link
