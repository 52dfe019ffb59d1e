"""The calendar as a marketer uses it: drag and undo, keys, and a gap that becomes a slot."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from content.models import CadenceRule, ContentType, Slot
from content.services.slots import create_slot
from tests.brand import administrator
from tests.browser.conftest import faults_of, open_context

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def plan(title: str, days: int) -> Slot:
    """At eight in the evening, so many days from the Monday of next week: the week is whole, and in the future."""
    today = timezone.localtime().replace(hour=20, minute=0, second=0, microsecond=0)
    at = today + timedelta(days=7 - today.weekday() + days)
    owner = User.objects.get(username="admin")
    type_ = ContentType.objects.get(code="article")
    return create_slot(type=type_, title=title, planned_at=at, owner=owner, by=owner, now=timezone.now())


@pytest.fixture
def page(transactional_db: None, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    administrator()
    page = open_context(browser, live_server, "zh-hans", 1440).new_page()
    faults = faults_of(page)
    yield page
    assert [fault for fault in faults if "409" not in fault] == []


def week_of(page: Page, slot: Slot) -> None:
    page.goto(f"/admin/calendar/?view=week&at={timezone.localdate(slot.planned_at).isoformat()}")


def day_of(slot: Slot) -> int:
    slot.refresh_from_db()
    return timezone.localtime(slot.planned_at).weekday()


def test_drag_moves_a_slot_and_undo_brings_it_back(page: Page) -> None:
    slot = plan("护肤攻略", 1)
    was = slot.planned_at
    week_of(page, slot)
    days = page.locator(".cal-day")
    page.locator(".cal-slot").drag_to(days.nth(4))
    expect(days.nth(4).locator(".cal-slot__title")).to_have_text("护肤攻略")
    expect(page.locator("#cal-toast")).to_contain_text("已移到")
    assert (day_of(slot), slot.planned_at - was) == (4, timedelta(days=3))
    page.get_by_role("button", name="撤销").click()
    expect(days.nth(1).locator(".cal-slot__title")).to_have_text("护肤攻略")
    slot.refresh_from_db()
    assert slot.planned_at == was


def test_keys_pick_a_slot_up_and_put_it_down(page: Page) -> None:
    slot = plan("护肤攻略", 2)
    week_of(page, slot)
    page.locator("body").press("ArrowRight")
    expect(page.locator(".cal-slot")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#cal-toast")).to_contain_text("已拿起")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.locator("#cal-toast")).to_contain_text("没有移动")
    assert day_of(slot) == 2
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".cal-day").nth(4).locator(".cal-slot")).to_be_focused()
    assert day_of(slot) == 4
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/slots/{slot.pk}/")


def test_slot_dropped_on_another_stays_until_that_is_meant(page: Page) -> None:
    first, second = plan("第一篇", 1), plan("第二篇", 3)
    week_of(page, first)
    days = page.locator(".cal-day")
    days.nth(3).locator(".cal-slot").drag_to(days.nth(1))
    expect(page.locator("#cal-toast")).to_contain_text("第一篇")
    assert day_of(second) == 3
    page.get_by_role("button", name="都放在这里").click()
    expect(days.nth(1).locator(".cal-slot")).to_have_count(2)
    assert day_of(second) == 1


def test_gap_is_filled_from_a_suggestion(page: Page) -> None:
    rule = CadenceRule.objects.get(name_zh="粉丝节")
    page.goto("/admin/calendar/")
    strip = page.locator(".cal-pace", has_text="粉丝节")
    expect(strip).to_contain_text("0/1")
    strip.get_by_role("link", name="补齐").click()
    expect(page.locator(".sug > li").first).to_contain_text("负责人当天没有其他排期")
    page.get_by_label("标题").fill("冬日粉丝节")
    page.get_by_role("button", name="排在这时").first.click()
    page.wait_for_url("**/slots/*/")
    slot = Slot.objects.get()
    assert (slot.title, slot.type_id) == ("冬日粉丝节", rule.type_id)
    page.goto("/admin/calendar/")
    expect(page.locator(".cal-pace", has_text="粉丝节")).to_contain_text("已排满")
