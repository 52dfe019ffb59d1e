"""Activities as a marketer uses them: planned in the form, watched as they run; nothing overflows on a phone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Activity, ActivityMember, Cost, LinkDay, LinkHost, Participation, TrackedLink
from members.models import Member
from segments.models import Audience
from tests.brand import administrator
from tests.browser.conftest import faults_of, open_context

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
WIDE, PHONE = 1440, 390


@pytest.fixture
def activity(transactional_db: None) -> Activity:
    """Ten members, four of whom took part; a link that was followed."""
    now, admin = timezone.now(), administrator()
    rule = {"all": [{"filter": {"channel": ["门店"]}}]}
    audience = Audience.objects.create(name="门店会员", rule=rule, owner=admin, size=10)
    made = Activity.objects.create(
        name="周年庆", level="daily", form="discount", title="周年庆", rules_text="每人一次。", owner=admin, by=admin,
        audience=audience, budget=Decimal(5000), starts_at=now - DAY, ends_at=now + 5 * DAY, state="running",
        text_approved=True, started_at=now - DAY, frozen_at=now - DAY, audience_size=10, blocked={"no_consent": 3},
        created_at=now, changed_at=now,
    )  # fmt: skip
    for number in range(10):
        member = Member.objects.create(name=f"会员{number}", channel="门店")
        ActivityMember.objects.create(activity=made, member=member)
        if number < 4:
            day = timezone.localdate(now)
            Participation.objects.create(
                activity=made, member=member, kind="sign_up", day=day, occurred_at=now, in_audience=True, source="test"
            )
    Cost.objects.create(activity=made, kind="media", amount=Decimal(70), day=timezone.localdate(now), at=now)
    host = LinkHost.objects.create(host="shop.example.com")
    link = TrackedLink.objects.create(
        code="abc2345", name="海报", target="https://shop.example.com/", host=host,
        destination="https://shop.example.com/", activity=made, created_at=now,
    )  # fmt: skip
    LinkDay.objects.create(link=link, day=timezone.localdate(now), humans=7, bots=2, last_at=now)
    return made


@pytest.mark.parametrize(("language", "width"), [("zh-hans", WIDE), ("zh-hans", PHONE), ("en", WIDE), ("en", PHONE)])
def test_pages_fit_and_complain_of_nothing(
    activity: Activity, browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    context = open_context(browser, live_server, language, width)
    page = context.new_page()
    faults = faults_of(page)
    link = TrackedLink.objects.get().pk
    for address in (
        "activities/", f"activities/{activity.pk}/", "activities/new/", "activities/settings/", "activities/festivals/",
        "links/", f"links/{link}/", "links/new/",
    ):  # fmt: skip
        answer = page.goto(f"/admin/{address}")
        assert answer is not None
        assert answer.status == 200
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (address, over) == (address, 0)
    page.goto(f"/admin/activities/{activity.pk}/")
    expect(page.locator('[data-code="took_part"]')).to_contain_text("40.0")
    assert faults == []


def test_draft_is_planned_in_the_form_and_shows_its_dry_run(
    activity: Activity, browser: Browser, live_server: LiveServer
) -> None:
    page = open_context(browser, live_server, "zh-hans", WIDE).new_page()
    faults = faults_of(page)
    page.goto("/admin/activities/new/")
    page.fill("#name", "双11会场")
    page.fill("#title", "双11")
    page.fill("#rules_text", "每人一次。")
    page.select_option("#audience", str(activity.audience_id))
    page.fill("#starts_at", "2030-11-01T10:00")
    page.fill("#ends_at", "2030-11-12T00:00")
    page.click("#activity-form button[type=submit]")
    expect(page.locator("h1.s-head__title")).to_contain_text("双11会场")
    expect(page.locator("[aria-labelledby=dry-run]")).to_contain_text("10")
    expect(page.locator("[aria-labelledby=checks]")).to_contain_text("文案已通过法务审核")
    assert faults == []
