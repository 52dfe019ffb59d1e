"""Communities as they are shown at the end: a noisy group moderated, a quiet one woken, a KOC from the list to her money."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.enums import Role
from accounts.models import User
from community.enums.koc import KocLevel
from community.models import Group, GroupDay, Koc, LedgerBalance, ParticipantDay, ValuePlan, Violation
from community.services.koc_scoring import score_everybody
from community.services.kocs import agree_to_share, set_level
from community.services.reporting import report_violation
from community.services.sharing import RuleIn, add_rule, settle_due, share_everybody
from content.models import Slot
from members.models import Member
from tests.brand import PASSWORD, administrator
from tests.browser.conftest import faults_of, open_context
from tests.community import cast, koc_cast
from tests.community.cast import Line
from timeline.services import PurchaseLineIn, make_months, record_purchases

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WIDE, PHONE = 1440, 390


@pytest.fixture
def marketer(transactional_db: None, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    administrator()
    make_months(today=timezone.localdate())
    page = open_context(browser, live_server, "zh-hans", WIDE).new_page()
    faults = faults_of(page)
    yield page
    assert faults == []


def noisy_group() -> Group:
    """The machine has warned for three advertisements; two things wait for a person."""
    now = timezone.now()
    group = cast.group(name="护肤打卡群")
    for place in range(3):
        somebody = cast.participant(group, f"路人{place}", joined_at=now - 9 * DAY)
        cast.say(Line(somebody, f"诚招代理{place}，日赚三百", now - 2 * HOUR), now=now)
    for place, text in enumerate(("在群里吵架", "反复私信群友")):
        somebody = cast.participant(group, f"花友{place}", joined_at=now - 9 * DAY)
        report_violation(participant=somebody, text=text, occurred_at=now - HOUR, by=None, now=now)
    return group


def test_noisy_group_is_moderated_by_keys_and_the_share_of_the_machine_follows(marketer: Page) -> None:
    page, group = marketer, noisy_group()
    page.goto(f"/admin/groups/{group.pk}/")
    page.locator(f'a[href*="/moderation/?group={group.pk}"]').first.click()
    share = page.locator(".s-fact", has_text="机器处理占比")
    expect(share.locator("dd")).to_contain_text("100.0%")
    expect(page.locator(".c-case")).to_have_count(2)
    page.wait_for_load_state()  # who presses a key before the script is there is not heard
    page.keyboard.press("ArrowDown")
    expect(page.locator(".c-case[data-here]")).to_contain_text("花友1")
    page.keyboard.press("w")
    expect(page.locator("body")).to_contain_text("花友1：警告。")
    expect(share.locator("dd")).to_contain_text("75.0%")
    page.keyboard.press("d")
    expect(page.locator("body")).to_contain_text("没有待处理的违规")
    expect(share.locator("dd")).to_contain_text("60.0%")
    assert list(Violation.objects.filter(kind="report").order_by("pk").values_list("outcome", flat=True)) == [
        "dismissed",
        "warned",
    ]


def test_quiet_group_gets_a_value_plan_whose_slots_stand_in_the_calendar(marketer: Page) -> None:
    page, today = marketer, timezone.localdate()
    group = cast.group(name="悦肤会3群", type_code="welfare")
    GroupDay.objects.bulk_create(
        GroupDay(group=group, day=today - back * DAY, messages=12, speakers=5, hours=[0] * 23 + [12])
        for back in range(1, 29)
    )
    page.goto(f"/admin/groups/{group.pk}/")
    expect(page.locator("h1.s-head__title")).to_contain_text("过于冷清")
    page.goto(f"/admin/groups/{group.pk}/plan/")
    page.fill("#promise-title", "护肤课堂")
    page.select_option("#weekday", str((today.weekday() + 3) % 7))
    page.get_by_role("button", name="承诺", exact=True).click()
    make = page.get_by_role("button", name="生成 2 个草稿")
    expect(page.locator(".c-moves li")).to_have_count(2)
    make.click()
    expect(page.locator("body")).to_contain_text("这几周的每项承诺都已排进内容日历")
    plan = ValuePlan.objects.get()
    slots = list(Slot.objects.filter(source_kind="value_plan", source_id=plan.pk).order_by("planned_at"))
    assert [timezone.localtime(slot.planned_at).date() for slot in slots] == [today + 3 * DAY, today + 10 * DAY]
    page.goto(f"/admin/calendar/?at={today + 3 * DAY}")
    expect(page.locator(f'[data-slot="{slots[0].pk}"]')).to_contain_text("护肤课堂")


def candidates() -> list[Member]:
    """Twelve members of a group who talk; the first two of them would fill the lower end."""
    now = timezone.now()
    koc_cast.notice()
    members = [
        Member.objects.create(name=f"会员{number}", registered_at=now - 400 * DAY, birthday=date(1990, 5, 1))
        for number in range(12)
    ]
    group = koc_cast.group("体验官群")
    for place, member in enumerate(members):
        ParticipantDay.objects.create(
            participant=koc_cast.joined(group, member, since=now - 200 * DAY),
            group_id=group.pk,
            day=timezone.localdate(now) - 3 * DAY,
            messages=400 - 10 * place,
            mentioned=200 - 5 * place,
        )
    score_everybody(by=None, now=now)
    return members


def test_koc_goes_from_the_list_of_candidates_to_the_money_of_her_orders(
    marketer: Page, browser: Browser, live_server: LiveServer
) -> None:
    page, her = marketer, candidates()[0]
    User.objects.create_user("second", role=Role.ADMINISTRATOR, is_staff=True, password=PASSWORD, display_name="陈静")
    now = timezone.now()
    rule = RuleIn(rate=Decimal("0.10"), valid_from=now, reason="试行")
    add_rule(rule=rule, by=User.objects.get(username="admin"), now=now)
    koc = become_koc(page, her)
    hand_in_a_task(page, koc)
    assert dict(LedgerBalance.objects.filter(koc=koc, book="payable").values_list("book", "amount")) == {
        "payable": Decimal("50.00")
    }
    earns_a_share(koc)
    sell_with(koc)
    page.goto(f"/admin/koc/ledger/{koc.pk}/?tab=orders")
    expect(page.locator("tbody tr")).to_contain_text("20.00")
    expect(page.locator(".s-fact", has_text="退货期内")).to_contain_text("20.00")
    settle_due(now=timezone.now() + 16 * DAY)
    page.goto("/admin/koc/ledger/payouts/")
    page.get_by_role("button", name="锁定付款单：¥70.00，1 位 KOC").click()
    expect(page.locator(".s-note")).to_contain_text("需由另一位同事确认")
    other = open_context(browser, live_server, "zh-hans", WIDE, username="second").new_page()
    other.goto(page.url)
    other.get_by_role("button", name="确认已付款…").click()
    other.fill("#reference", "YF-20261123-01")
    other.get_by_role("button", name="确认已付款", exact=True).click()
    expect(other.locator("tbody tr")).to_contain_text("已付款")
    page.goto(f"/admin/koc/ledger/{koc.pk}/")
    expect(page.locator(".s-fact", has_text="已付")).to_contain_text("70.00")


def become_koc(page: Page, her: Member) -> Koc:
    """Ticked, invited, and her yes recorded with the words that she was shown."""
    page.goto("/admin/koc/")
    for box in page.locator("#candidates input[name=member]").all():
        box.uncheck()
    page.get_by_label(f"选择“{her.name}”").check()
    page.get_by_role("button", name="邀请所选会员").click()
    page.locator("tbody a.s-rowlink").click()
    page.get_by_role("button", name="她接受…").click()
    expect(page.locator("#koc-accept")).to_contain_text("您自愿成为本品牌的 KOC")
    page.get_by_role("button", name="记录她的同意").click()
    expect(page.locator(".s-head__meta")).to_contain_text("推荐码")
    koc = Koc.objects.get(member=her)
    expect(page.locator(".s-head__meta")).to_contain_text(str(koc.referral_code))
    return koc


def hand_in_a_task(page: Page, koc: Koc) -> None:
    """A task with a reward, a seat by her code, her words, and the approval that books the reward."""
    due = timezone.localtime() + 7 * DAY
    page.goto("/admin/koc/tasks/new/")
    page.fill("#title", "新品试用")
    page.fill("#brief", "写三句真实感受。")
    page.select_option("#wish", "text")
    page.fill("#due_at", f"{due:%Y-%m-%dT%H:%M}")
    page.fill("#reward_amount", "50")
    page.locator("form.s-form button[type=submit]").click()
    page.get_by_role("button", name="开放任务").click()
    page.fill("#koc", str(koc.referral_code))
    page.get_by_role("button", name="给她名额").click()
    page.fill("#text", "用了两周，质地很轻。")
    page.locator("[aria-labelledby=hand-in] button[type=submit]").click()
    page.get_by_role("button", name="通过并记账 ¥50.00").click()
    expect(page.get_by_role("link", name="在 UGC 素材库中查看")).to_be_visible()


def earns_a_share(koc: Koc) -> None:
    """She agreed to the text on it and was moved up."""
    now = timezone.now()
    agree_to_share(koc=koc, version=koc_cast.version("revenue_share"), source="staff", by=None, now=now)
    set_level(koc=koc, level=KocLevel.REVENUE_SHARE, by=None, now=now, reason="试用表现好")


def sell_with(koc: Koc) -> None:
    """Somebody else buys with her code."""
    now = timezone.now()
    buyer = Member.objects.create(name="新客", registered_at=now - DAY)
    line = PurchaseLineIn(
        line_no=1,
        member_id=buyer.pk,
        source="mall",
        order_no="M-1",
        line_at=now,
        product_code="P",
        quantity=Decimal(1),
        unit_price=Decimal(200),
        referral_code=koc.referral_code or "",
    )
    record_purchases(rows=[line], now=now)
    share_everybody(by=None, now=timezone.now())
