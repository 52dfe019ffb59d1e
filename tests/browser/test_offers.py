"""Offers as a marketer uses them: a coupon written, launched, claimed and used, with its stock before her eyes."""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from compliance.models import Review
from compliance.services.reviews import approve
from loyalty.models import Coupon, CouponGrant
from loyalty.rules.source import Source
from loyalty.selectors.codes import codes_of
from loyalty.services import coupons
from members.models import Member
from tests.brand import administrator
from tests.browser.conftest import faults_of, open_context
from tests.loyalty.offers import legal

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def claim_and_use(coupon: Coupon, admin: User) -> None:
    """Two members claim it, one of them uses hers."""
    now = timezone.now()
    members = [Member.objects.create(name=f"会员{number}") for number in range(2)]
    for member in members:
        coupons.claim(coupon=coupon, member=member, source=Source("test"), by=None, now=now)
    grant = CouponGrant.objects.select_related("code").earliest("pk")
    coupons.redeem(
        code=codes_of([grant])[grant.pk],
        member=members[0],
        order_no="A1",
        amount=Decimal(180),
        store=None,
        by=admin,
        now=now,
    )


def test_coupon_is_written_launched_claimed_and_used(
    transactional_db: None, browser: Browser, live_server: LiveServer
) -> None:
    admin, lawyer = administrator(), legal()
    page = open_context(browser, live_server, "zh-hans", 1440).new_page()
    faults = faults_of(page)
    page.goto("/admin/offers/add/")
    page.fill("#name", "周年满减券")
    expect(page.locator("#percent")).to_be_hidden()
    page.select_option("#kind", "percent")
    expect(page.locator("#amount")).to_be_hidden()
    page.select_option("#kind", "amount")
    for field, value in (("amount", "20"), ("min_spend", "100"), ("stock", "50"), ("terms", "每位会员限领一张。")):
        page.fill(f"#{field}", value)
    page.get_by_role("button", name="测算成本").click()
    expect(page.locator(".s-facts")).to_contain_text("1,000")
    page.get_by_role("button", name="保存优惠券").click()
    page.get_by_role("button", name="提交法务审核").click()
    review = Review.objects.get(state="in_review")
    approve(review=review, digest=review.digest, by=lawyer, now=timezone.now())
    page.reload()
    page.get_by_role("button", name="开始发放…").click()
    page.locator("#launch button[value=launch]").click()
    expect(page.locator(".s-head")).to_contain_text("发放中")
    coupon = Coupon.objects.get()
    claim_and_use(coupon, admin)
    page.reload()
    expect(page.locator(".s-facts")).to_contain_text("剩余 48 / 50")
    expect(page.locator(".s-facts")).to_contain_text("占已领取的 50.0%")
    expect(page.locator("[aria-labelledby=grants] tbody tr")).to_have_count(2)
    expect(page.locator("[aria-labelledby=grants]")).to_contain_text("已核销")
    page.goto("/admin/offers/")
    expect(page.locator("tbody tr").first).to_contain_text("剩余 48 / 50")
    assert faults == []
