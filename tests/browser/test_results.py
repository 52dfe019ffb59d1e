"""Results as they are shown at the end: what lies outside, the advice, who is behind it; the report of a month on paper."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from dashboards.models import MetricDefinition
from dashboards.selectors.months import Month
from dashboards.services.snapshots import take_snapshots
from tests.brand import administrator
from tests.browser.conftest import faults_of, open_context
from tests.dashboards import lively

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
WIDE, PHONE = 1440, 390
#: What is left of A4 between the margins of the report, in the pixels of CSS.
PAPER = 680


@pytest.fixture
def measured(transactional_db: None) -> date:
    """A brand with three months of figures: some days, among them the ends of the last two months; the last day."""
    administrator()
    now = timezone.now()
    lively.found(members=120, now=now)
    last = timezone.localdate(now) - DAY
    month = Month((last + DAY).replace(day=1)).before
    days = {last - 7 * back * DAY for back in range(4)} | {month.last, month.before.last}
    for day in sorted(days):
        take_snapshots(first=day, last=day, by=None, now=now)
    MetricDefinition.objects.filter(code="arpu").update(low="100000", high=None)
    return last


@pytest.fixture
def page(measured: date, browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    found = open_context(browser, live_server, "zh-hans", WIDE).new_page()
    faults = faults_of(found)
    yield found
    assert faults == []


def test_metric_outside_its_range_has_advice_and_members_behind_it(page: Page) -> None:
    page.goto("/admin/results/")
    metric = MetricDefinition.objects.get(code="arpu")
    outside = page.locator(".d-metric", has=page.get_by_role("link", name=str(metric), exact=True))
    expect(outside).to_have_attribute("data-state", "act")
    expect(outside.locator(".d-metric__advice")).to_contain_text(metric.advice_zh)
    outside.locator("h3 a").click()
    expect(page.locator(".s-note", has_text="建议")).to_contain_text(metric.advice_zh)
    page.get_by_role("link", name="表格").or_(page.get_by_role("button", name="表格")).first.click()
    expect(page.locator("#table-trend")).to_be_visible()
    behind = page.get_by_role("link", name="背后的会员").first
    behind.click()
    first = page.locator("tbody a.s-rowlink").first
    name = first.inner_text()
    first.click()
    expect(page.locator("h1, h2").filter(has_text=name).first).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("zh-hans", WIDE), ("zh-hans", PHONE), ("en", WIDE), ("en", PHONE)])
def test_pages_fit_and_complain_of_nothing(
    measured: date, browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    page = open_context(browser, live_server, language, width).new_page()
    faults = faults_of(page)
    for address in (
        "today/", "results/", "results/metrics/arpu/", "results/metrics/arpu/members/", "results/cohorts/",
        "results/report/", "results/insights/", "results/insights/preferences/", "results/insights/hours/",
        "results/team/", "results/metrics/", "results/new-metric/",
    ):  # fmt: skip
        answer = page.goto(f"/admin/{address}")
        assert answer is not None
        assert (address, answer.status) == (address, 200)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (address, over) == (address, 0)
    assert faults == []


def test_report_of_a_month_is_cut_nowhere_on_paper(page: Page) -> None:
    page.goto("/admin/results/")
    page.get_by_role("link", name="月度报告").first.click()
    expect(page.locator(".d-report h1")).to_contain_text("报告")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 1000})
    for gone in ("#nav-sidebar", ".s-noprint"):
        for each in page.locator(gone).all():
            expect(each).to_be_hidden()
    expect(page.locator(".d-report h1")).to_be_visible()
    wider = page.evaluate(
        "[document.documentElement, ...document.querySelectorAll('.d-report .s-scroll')]"
        ".filter((each) => each.scrollWidth > each.clientWidth + 1).length"
    )
    assert wider == 0
    sheets = page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")
    assert 1 <= sheets <= 4
