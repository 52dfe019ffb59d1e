"""Addresses of activities and tracked links: (name, permission, *arguments), for `pages_of_the_admin`."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils import timezone

from campaigns.models import ActivityOffer, Cost
from campaigns.pages.acts import PLAIN, WITH_REASON
from campaigns.services.facts import add_cost
from campaigns.services.links import allow_host, create_link
from tests.campaigns import activities as cast
from tests.loyalty import offers

Row = tuple[Any, ...]
SEES, CHANGES, LINKS = "campaigns.view_activity", "campaigns.change_activity", "campaigns.view_trackedlink"


def looked_at() -> Iterator[Row]:
    """Pages that a GET shows, of a draft and a link made for it."""
    activity, link = cast.draft().pk, a_link()
    yield from (
        ("campaigns:activities", SEES),
        ("campaigns:new", "campaigns.add_activity"),
        ("campaigns:festivals", "campaigns.add_activity"),
        ("campaigns:compare", SEES),
        ("campaigns:settings", "campaigns.change_activitysettings"),
        ("campaigns:activity", SEES, activity),
        ("campaigns:edit", CHANGES, activity),
        ("campaigns:estimate", SEES, activity),
        ("campaigns:give", CHANGES, an_offer().pk),
        ("campaigns:links", LINKS),
        ("campaigns:link_new", "campaigns.add_trackedlink"),
        ("campaigns:link", LINKS, link),
        ("campaigns:link_picture", LINKS, link),
    )


def posted_to() -> Iterator[Row]:
    """Addresses that take a POST only."""
    activity, link = cast.draft().pk, a_link()
    yield from ((f"campaigns:{verb}", CHANGES, activity) for verb in (*PLAIN, *WITH_REASON))
    yield from (
        ("campaigns:approve_budget", "campaigns.approve_budget", activity),
        ("campaigns:clone", "campaigns.add_activity", activity),
        ("campaigns:add_cost", "campaigns.add_cost", activity),
        ("campaigns:take_back_cost", "campaigns.add_cost", a_cost().pk),
        ("campaigns:link_close", "campaigns.change_trackedlink", link),
        ("campaigns:link_hosts", "campaigns.change_linkhost"),
    )


def a_link() -> int:
    now = timezone.now()
    allow_host(host="shop.example.com", by=None, now=now)
    return create_link(name="海报", target="https://shop.example.com/", by=None, now=now).pk


def an_offer() -> ActivityOffer:
    """A coupon of an activity that runs, for an audience of one."""
    begun = timezone.now() - cast.HOUR
    cast.people(1)
    coupon = offers.live(starts_at=begun - cast.DAY, ends_at=begun + 9 * cast.DAY)
    activity = cast.running(begun, coupons=(coupon.pk,), starts_at=begun, ends_at=begun + cast.DAY)
    return activity.offers.get()


def a_cost() -> Cost:
    day = timezone.localdate()
    return add_cost(activity=cast.draft(), kind="media", amount=Decimal(10), day=day, by=None, now=timezone.now())
