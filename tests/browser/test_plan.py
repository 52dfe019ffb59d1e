"""The plan as it is shown at the end: a month from a template, a phrase put right in review, an activity to its band."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.enums import Role
from accounts.models import User
from campaigns.models import Activity, Participation
from campaigns.services.attribution import credit_everybody
from campaigns.services.facts import add_cost
from campaigns.services.harvest import harvest
from campaigns.services.running import end_due
from compliance.models import Review
from content.models import CadenceRule, Slot
from loyalty.models import Coupon, Draw, DrawWinner
from loyalty.rules.source import Source
from loyalty.selectors.codes import codes_of
from loyalty.services import coupons, draws
from members.models import Member
from segments.models import Audience
from segments.services.audiences import create as create_audience
from tests.brand import PASSWORD, administrator
from tests.browser.conftest import faults_of, open_context
from tests.campaigns.test_attribution import buy
from tests.content.people import slot, version
from tests.loyalty import offers
from timeline.services import make_months

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def marketer(transactional_db: None, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    administrator()
    page = open_context(browser, live_server, "zh-hans", 1440).new_page()
    faults = faults_of(page)
    yield page
    assert [fault for fault in faults if "422" not in fault] == []


@pytest.fixture
def lawyer(marketer: Page, browser: Browser, live_server: LiveServer) -> Page:
    User.objects.create_user("legal", role=Role.LEGAL, is_staff=True, password=PASSWORD, display_name="方正言")
    return open_context(browser, live_server, "zh-hans", 1440, username="legal").new_page()


def approve_next(page: Page) -> None:
    """The reviewer opens the one text that waits and approves it with a key."""
    page.goto(f"/admin/reviews/{Review.objects.get(state='in_review').pk}/")
    page.keyboard.press("a")
    page.locator("#approve").get_by_role("button", name="通过").click()
    expect(page.locator("body")).to_contain_text("”已通过。")


def test_month_is_planned_from_a_template_and_its_gap_filled_from_a_suggestion(marketer: Page) -> None:
    page = marketer
    page.goto("/admin/calendar/plans/")
    page.locator("td[data-cell=name] a").last.click()  # the festival that is farthest: all of its days lie ahead
    rows = page.locator("tbody tr")
    expect(page.get_by_role("button", name="放入日历")).to_be_visible()  # a count waits for no page
    laid = rows.count()
    page.get_by_role("button", name="放入日历").click()
    expect(page.locator(".cal-slot").first).to_be_visible()
    assert Slot.objects.filter(source_kind="festival", state="draft").count() == laid > 3
    strip = page.locator(".cal-pace", has_text="直播")
    before = strip.locator("strong").inner_text()
    strip.get_by_role("link", name="补齐").click()
    best = page.locator(".sug > li").first
    moment = best.locator("time").get_attribute("datetime")
    assert moment is not None
    expect(best).to_contain_text("发送时段")
    page.get_by_label("标题").fill("会员直播夜")
    best.get_by_role("button", name="排在这时").click()
    page.wait_for_url("**/slots/*/")
    planned = Slot.objects.latest("pk")
    assert (planned.title, planned.planned_at, planned.type_id) == (
        "会员直播夜", datetime.fromisoformat(moment), CadenceRule.objects.get(name_zh="直播").type_id,
    )  # fmt: skip
    page.goto(f"/admin/calendar/?at={timezone.localdate(planned.planned_at).isoformat()}")
    expect(page.locator(f'[data-slot="{planned.pk}"]')).to_contain_text("会员直播夜")
    expect(page.locator(".cal-pace", has_text="直播").locator("strong")).to_have_text(str(int(before) + 1))


def test_hit_of_the_lexicon_is_put_right_in_review(marketer: Page, lawyer: Page) -> None:
    page, now = marketer, timezone.now()
    given = version("全网最低价，周三见。", title="预热文案", now=now)
    planned = slot("article", at=now + 3 * DAY, given=given, title="双12 预热", now=now)
    page.goto(f"/admin/calendar/slots/{planned.pk}/")
    expect(page.locator("mark.c-hit")).to_have_text("全网最低价")
    expect(page.locator(".c-hits")).to_contain_text("改为可核实的比较或事实")
    expect(page.get_by_role("button", name="提交法务审核")).to_be_disabled()
    page.get_by_role("link", name="修改文案").click()
    page.get_by_label("文本").fill("本店同款近 90 天实付低价，周三见。")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator("mark.c-hit")).to_have_count(0)
    page.goto(f"/admin/calendar/slots/{planned.pk}/")
    page.get_by_role("link", name="改用新版本").click()
    page.get_by_role("button", name="保存排期").click()
    page.get_by_role("button", name="提交法务审核").click()
    expect(page.locator("h2.s-head__title")).to_contain_text("审核中")
    approve_next(lawyer)
    page.reload()
    expect(page.locator("h2.s-head__title")).to_contain_text("已通过")
    page.get_by_role("button", name="确认排期").click()
    expect(page.locator("h2.s-head__title")).to_contain_text("已排期")
    expect(page.locator("[aria-labelledby=history-title]")).to_contain_text("排期随素材通过审核")


def audience_of(count: int) -> Audience:
    for number in range(count):
        Member.objects.create(name=f"会员{number}", channel="门店")
    rule = {"all": [{"filter": {"channel": ["门店"]}}]}
    return create_audience(name="门店会员", rule=rule, by=User.objects.get(username="admin"), now=timezone.now())


def live_through(activity: Activity, coupon: Coupon, draw: Draw) -> None:
    """Eight days: thirty claim, twenty enter, three of those buy, one of them with her coupon; then it ends and is drawn."""
    began = activity.started_at or timezone.now()
    make_months(today=(began + 40 * DAY).date())
    members = list(Member.objects.order_by("pk"))
    for place, member in enumerate(members[:30]):
        at = began + HOUR * (1 + place * 5)
        claimed = coupons.claim(coupon=coupon, member=member, by=None, source=Source("activity", activity.pk), now=at)
        if place < 20:
            draws.enter(draw=draw, member=member, by=None, now=at + HOUR)
        if place < 3:
            buy(member, f"A{place}", at + DAY, 200)
        if place == 0:
            code = codes_of([coupon.grants.select_related("code").get(pk=claimed.grant_id)])[claimed.grant_id]
            coupons.redeem(
                code=code, member=member, order_no="A0", amount=Decimal(200), store=None, by=None, now=at + DAY
            )
    add_cost(
        activity=activity, kind="media", amount=Decimal(100), day=timezone.localdate(began), by=activity.by, now=began
    )
    over = began + 8 * DAY
    harvest(activity, now=over - HOUR)
    credit_everybody(by=None, now=over)
    assert end_due(now=activity.ends_at or over) == 1
    draws.run_draw(draw=draw, by=None, now=draw.draws_at)


def fill_form(page: Page, audience: Audience, coupon: Coupon, draw: Draw, now: datetime) -> None:
    page.goto("/admin/activities/new/")
    page.fill("#name", "周年庆")
    page.fill("#title", "周年庆")
    page.fill("#rules_text", "每位会员可领一张满减券，并参与一次抽奖。")
    page.select_option("#audience", str(audience.pk))
    page.fill("#starts_at", f"{timezone.localtime(now + HOUR):%Y-%m-%dT%H:%M}")
    page.fill("#ends_at", f"{timezone.localtime(now + 8 * DAY):%Y-%m-%dT%H:%M}")
    page.fill("#budget", "5000")
    page.get_by_label(coupon.name).check()
    page.get_by_label(draw.name).check()


def test_activity_with_a_coupon_and_a_draw_runs_to_its_funnel_and_band(
    marketer: Page, lawyer: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, now = marketer, timezone.now()
    monkeypatch.setattr(offers, "NOW", now)
    audience, coupon, draw = audience_of(100), offers.live(stock=50), offers.published()
    fill_form(page, audience, coupon, draw, now)
    page.get_by_role("button", name="存为草稿").click()
    page.get_by_role("button", name="提交审批").click()
    approve_next(lawyer)
    page.reload()
    expect(page.locator("[aria-labelledby=checks]")).to_contain_text("优惠券和抽奖已就绪")
    page.get_by_role("button", name="冻结人群并启动 100 人").click()
    expect(page.locator("h1.s-head__title")).to_contain_text("进行中")
    activity = Activity.objects.get()
    live_through(activity, coupon, draw)
    page.reload()
    expect(page.locator("h1.s-head__title")).to_contain_text("已结束")
    took, ordered, roi = (page.locator(f'[data-code="{code}"]') for code in ("took_part", "ordered", "roi"))
    for bar, words in ((took, ("30", "30.0%", "25%–40%")), (ordered, ("3", "10.0%", "8%–12%")), (roi, ("1 : 6.0",))):
        for each in (*words, "达到标准"):
            expect(bar).to_contain_text(each)
    expect(page.locator("[aria-labelledby=by-rule]")).to_contain_text("凭优惠券")
    expect(page.locator("[aria-labelledby=offers]")).to_contain_text("已发 30，已用 1，剩 20")
    kinds = set(Participation.objects.values_list("kind", flat=True))
    assert (kinds, DrawWinner.objects.count()) == ({"coupon", "draw"}, 3)
    page.goto(f"/admin/calendar/?at={timezone.localdate(now).isoformat()}")
    expect(page.locator(".cal-run").first).to_contain_text("周年庆")
