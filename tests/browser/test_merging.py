"""Two records become one person's as a marketer does it: from the list of pairs, by the plan, and back again."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from members.models import DuplicatePair, Member
from tests.browser.conftest import faults_of, open_context

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def fits(page: Page) -> bool:
    """Nothing hangs over the edge of the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [1440, 390])
def test_pair_is_compared_merged_and_taken_apart(
    brand: User, browser: Browser, live_server: LiveServer, width: int
) -> None:
    keep, goes, other = Member.objects.order_by("pk")
    for first, second, strong in ((keep, goes, True), (goes, other, False)):
        signs = ["phone", "profile"] if strong else ["profile"]
        DuplicatePair.objects.create(first=first, second=second, signs=signs, is_strong=strong, found_at=timezone.now())
    page = open_context(browser, live_server, "zh-hans", width).new_page()
    faults = faults_of(page)
    page.goto("/admin/members/duplicates/")
    assert fits(page)
    page.locator("tbody tr").first.get_by_role("link", name="对比并合并…").click()
    expect(page.locator("[aria-labelledby=plan]")).to_contain_text("订单")
    assert fits(page)
    assert Member.objects.get(pk=goes.pk).merged_into_id is None
    page.fill("#merge-reason", "到店出示同一部手机")
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/admin/members/member/{keep.pk}/change/")
    assert Member.objects.get(pk=goes.pk).merged_into_id == keep.pk
    records = page.locator("[aria-labelledby=records]")
    page.locator(f'[hx-get$="/{keep.pk}/part/records/"]').scroll_into_view_if_needed()
    records.scroll_into_view_if_needed()
    records.get_by_role("button", name="撤销合并…").click()
    page.fill(f"#unmerge-{goes.pk}-reason", "原来是两姐妹")
    page.locator(f"#unmerge-{goes.pk}").get_by_role("button", name="撤销合并", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/admin/members/member/{goes.pk}/change/")
    assert Member.objects.get(pk=goes.pk).merged_into_id is None
    page.goto("/admin/members/duplicates/")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("input[name=pair]").check()
    page.get_by_role("button", name="不是同一个人").click()
    expect(page.locator(".s-empty")).to_be_visible()
    assert faults == []
