"""A coupon of an activity given to its whole audience: asked for by a person or a program, done by a worker."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import InAppNotice, User
from audit.models import AuditEntry
from campaigns.errors import ActivityStateWrong, NobodyToGive
from campaigns.models import Activity, ActivityOffer, Participation
from campaigns.services.giving import ask_to_give, give_asked
from campaigns.services.harvest import harvest
from loyalty.errors import CouponNotOpen
from loyalty.models import CouponGrant
from loyalty.selectors.giving import GivingPlan
from loyalty.services.coupons import claim, pause_coupon
from tests import api
from tests.brand import signed_in
from tests.campaigns import activities as cast
from tests.campaigns.activities import DAY, HOUR, author
from tests.loyalty import offers

pytestmark = pytest.mark.django_db


def offer(**terms: Any) -> ActivityOffer:
    """A coupon of an activity that began an hour ago, for whoever came by the shop until then."""
    begun = timezone.now() - HOUR
    coupon = offers.live(**{"starts_at": begun - DAY, "ends_at": begun + 9 * DAY, **terms})
    activity = cast.running(begun, coupons=(coupon.pk,), starts_at=begun, ends_at=begun + 5 * DAY)
    return activity.offers.select_related("activity", "coupon").get()


def ask(made: ActivityOffer) -> GivingPlan:
    return ask_to_give(offer=made, by=author(), now=timezone.now())


def test_audience_gets_it_and_the_owner_is_told() -> None:
    members = cast.people(3)
    made = offer()
    cast.people(1)  # who came after the start is not in the frozen audience
    assert ask(made) == GivingPlan(would=3)
    assert CouponGrant.objects.count() == 0
    assert give_asked(now=timezone.now()) == 3
    assert give_asked(now=timezone.now()) == 0
    grants = CouponGrant.objects.values_list("member_id", "source_kind", "source_id")
    assert sorted(grants) == [(member.pk, "given", made.activity_id) for member in members]
    entry = AuditEntry.objects.get(action="campaigns.ask_to_give")
    assert (entry.actor_id, entry.changes) == (author().pk, {"coupon": [None, made.coupon_id], "members": [None, 3]})
    assert AuditEntry.objects.get(action="loyalty.give").actor_id == author().pk
    assert InAppNotice.objects.filter(recipient=author(), body__contains="3").exists()


def test_asking_twice_is_asking_once() -> None:
    cast.people(2)
    made = offer()
    assert ask(made) == ask(made) == GivingPlan(would=2)
    assert AuditEntry.objects.filter(action="campaigns.ask_to_give").count() == 1
    give_asked(now=timezone.now())
    with pytest.raises(NobodyToGive):
        ask(made)


def test_stock_that_ends_half_way_is_told_before() -> None:
    cast.people(5)
    made = offer(stock=2)
    assert ask(made) == GivingPlan(would=2, without={"exhausted": 3})
    assert give_asked(now=timezone.now()) == 2


def test_being_given_one_is_not_taking_part_but_claiming_is() -> None:
    given, claimer = cast.people(2)
    made = offer(per_member=2)
    ask(made)
    give_asked(now=timezone.now())
    assert made.coupon is not None
    claim(coupon=made.coupon, member=claimer, by=None, now=timezone.now())
    assert harvest(made.activity, now=timezone.now() + HOUR) == 1
    assert list(Participation.objects.values_list("member_id", flat=True)) == [claimer.pk]
    assert CouponGrant.objects.filter(member=given).count() == 1


def test_what_is_not_open_is_refused_and_ends_what_was_asked_for() -> None:
    cast.people(1)
    made = offer()
    assert made.coupon is not None
    ask(made)
    pause_coupon(coupon=made.coupon, reason="库存核对", by=None, now=timezone.now())
    assert give_asked(now=timezone.now()) == 0
    assert not CouponGrant.objects.exists()
    assert InAppNotice.objects.filter(recipient=author(), level="act").exists()
    with pytest.raises(CouponNotOpen):
        ask(made)
    Activity.objects.filter(pk=made.activity_id).update(state="ended")
    with pytest.raises(ActivityStateWrong):
        ask(made)


def test_page_says_who_gets_none_before_the_button() -> None:
    holder, _other = cast.people(2)
    made = offer()
    assert made.coupon is not None
    claim(coupon=made.coupon, member=holder, by=None, now=timezone.now())
    User.objects.filter(pk=author().pk).update(is_staff=True)
    marketer: Client = signed_in(author())
    address = reverse("campaigns:give", args=(made.pk,))
    assert address in marketer.get(reverse("campaigns:activity", args=(made.activity_id,))).content.decode()
    page = marketer.get(address)
    assert (page.context["plan"].would, [people for _why, people in page.context["without"]]) == (1, [1])
    assert CouponGrant.objects.count() == 1
    assert marketer.post(address).status_code == 302
    assert marketer.get(address).context["waiting"] is True
    assert give_asked(now=timezone.now()) == 1
    assert marketer.get(address).context["waiting"] is False
    assert "人群中没有人可以获得" in marketer.post(address, follow=True).content.decode()


def test_api_counts_first_and_then_gives() -> None:
    cast.people(2)
    made = offer()
    client = api.client("activities:write")
    address = f"/api/v1/activities/{made.activity_id}/give/"
    dry = client.post(address, {"coupon": made.coupon_id, "dry_run": True})
    assert (dry.status_code, dry.json()) == (200, {"would": 2, "without": {}, "asked": False})
    assert give_asked(now=timezone.now()) == 0
    assert client.post(address, {"coupon": made.coupon_id}).json() == {"would": 2, "without": {}, "asked": True}
    assert give_asked(now=timezone.now()) == 2
    refused = client.post(address, {"coupon": made.coupon_id})
    assert (refused.status_code, api.errors(refused)["code"]) == (422, "nobody_to_give")
    assert client.post(address, {"coupon": 10**9}).status_code == 404
    assert api.client("activities:read").post(address, {"coupon": made.coupon_id}).status_code == 403
