"""The rule editor as a marketer uses it: change a threshold, see who would move, save with a reason, find it so."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from audit.models import AuditEntry
from segments.models import MemberStanding, RunRequest, Tier, TierChange, TierCriterion
from segments.services.editing import edition
from segments.services.requests import perform_request
from segments.services.retier import retier
from tests.assessments import assess
from tests.brand import administrator
from tests.browser.conftest import faults_of, open_context
from tests.segments.facts import Act, Order, add_acts, add_orders, make_members

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

DAY = timedelta(days=1)


@pytest.fixture
def crowd(transactional_db: None, django_db_serialized_rollback: None) -> list[int]:
    now = timezone.now()
    if not Tier.objects.exists():  # the flush after the test before took them away
        import_module("segments.migrations.0002_defaults").load(apps, None)
    administrator()
    members = make_members([now - 200 * DAY] * 4, created_at=now - 200 * DAY)
    add_orders(
        [
            Order(member, now - 3 * DAY, Decimal(amount))
            for member, amount in zip(members, (800, 450, 350, 90), strict=True)
        ]
    )
    add_acts([Act(member, now - DAY, "open") for member in members for _act in range(3)])
    retier()
    assess("tiering")
    return members


@pytest.fixture
def page(crowd: list[int], browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = open_context(browser, live_server, "zh-hans", 1440)
    page = context.new_page()
    faults = faults_of(page)
    yield page
    context.close()
    assert faults == []


def test_threshold_is_previewed_saved_with_a_reason_and_applied(page: Page) -> None:
    page.goto("/admin/tiers/rules/")
    expect(page.locator("#plan")).to_contain_text("没有会员会变更层级")
    before = edition()
    page.locator('[name="high_value.value"]').first.fill("300")
    expect(page.locator("#plan")).to_contain_text("2 位会员将变更层级")
    expect(page.locator('[data-count="high_value"]')).to_have_text("1 → 3 (+2)")
    assert edition() == before
    page.click("#save")
    expect(page.locator("#save-rules")).to_contain_text("2 位会员将变更层级")
    page.click("[data-save]")
    assert edition() == before  # no reason, no saving
    page.fill("#reason", "门槛过高")
    page.click("[data-save]")
    page.wait_for_url(re.compile("/admin/tiers/$"))
    expect(page.locator("#run-progress")).to_contain_text("即将开始计算层级")
    perform_request(request_id=RunRequest.objects.get().pk, now=timezone.now())  # as the worker does
    expect(page.locator("#run-progress")).to_have_count(0)
    expect(page.locator('.s-tiercol[data-tier="high_value"] .s-tiercol__people a')).to_have_text("3")
    assert MemberStanding.objects.filter(tier="high_value").count() == 3
    assert AuditEntry.objects.get(action="segments.tier.update").reason == "门槛过高"


def test_criteria_and_alternatives_are_added_and_removed(page: Page) -> None:
    page.goto("/admin/tiers/rules/")
    tier = page.locator('.s-rule[data-tier="high_value"]')
    tier.locator("[data-add-alternative]").last.click()
    row = tier.locator("[data-row]").last
    row.locator('[name$=".measure"]').select_option("spend")
    row.locator('[name$=".window"]').fill("30")
    expect(row.locator(".error")).to_have_text("请填写数值。")
    expect(page.locator("#save")).to_be_disabled()
    row.locator('[name$=".operator"]').select_option(">=")
    row.locator('[name$=".value"]').fill("400")
    expect(page.locator('[data-count="high_value"]')).to_have_text("1 → 2 (+1)")
    tier.locator("[data-remove]").nth(1).click()
    expect(page.locator("#save")).to_be_enabled()
    page.click("#save")
    page.fill("#reason", "换条件")
    page.click("[data-save]")
    page.wait_for_url(re.compile("/admin/tiers/$"))
    rows = TierCriterion.objects.filter(tier__code="high_value").order_by("alternative", "pk")
    assert [(row.alternative, row.measure, row.value) for row in rows] == [(1, "spend", 500), (2, "spend", 400)]


def test_order_is_changed_by_its_buttons(page: Page) -> None:
    page.goto("/admin/tiers/rules/")
    page.locator('.s-rule[data-tier="potential"] [data-up]').click()
    expect(page.locator('.s-rule[data-tier="potential"] [data-place]')).to_have_text("2")
    expect(page.locator('.s-rule[data-tier="high_value"] [data-place]')).to_have_text("3")


def test_flow_comes_by_itself_and_a_cell_opens_its_people(page: Page, crowd: list[int]) -> None:
    TierChange.objects.update(at=F("at") - 2 * DAY)
    add_orders([Order(crowd[3], timezone.now(), Decimal(900))])
    retier(as_of=timezone.now() + timedelta(seconds=1))
    page.goto(f"/admin/tiers/?from={timezone.localdate() - DAY}&to={timezone.localdate()}")
    expect(page.locator("#flow h2")).to_have_text("会员从哪一层流向哪一层？")
    cell = page.locator('#flow td[data-state="good"] a')
    expect(cell).to_have_text("1")
    cell.click()
    page.wait_for_url(re.compile("moved="))
    expect(page.locator("#member-rows tbody tr")).to_have_count(1)
    expect(page.locator(".s-chips")).to_contain_text("普通用户 → 高价值活跃用户")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone(crowd: list[int], browser: Browser, live_server: LiveServer, scheme: str) -> None:
    context = open_context(browser, live_server, "zh-hans", 390, scheme)
    page = context.new_page()
    for address in ("/admin/tiers/", "/admin/tiers/rules/", "/admin/tags/", "/admin/tags/add/", "/admin/today/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, address
    context.close()
