"""What campaigns follow: clicks, claims and entries; purchases, participations and used coupons, for the credit of orders."""

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from campaigns.services.attribution import credit_coupons, credit_everybody, credit_members
from campaigns.services.clicks import write_facts
from campaigns.services.harvest import harvest_claims, harvest_entries
from campaigns.services.taking_part import write_interactions
from timeline.models import Consumer, consumers


class LinkClicks(Consumer):
    """Clicks become touches and interactions."""

    code = "campaigns.link_clicks"
    table = "campaigns_linkclick"
    order = 40

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        write_facts(cursor, batch=batch, now=timezone.now())


class ParticipationActs(Consumer):
    """Participations become interactions: whoever takes part is no silent member."""

    code = "campaigns.participation_acts"
    table = "campaigns_participation"
    order = 50

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        write_interactions(cursor, batch=batch, now=timezone.now())


class ClaimsTakePart(Consumer):
    """Whoever claims a coupon of an activity takes part in it, however late the claim is told of."""

    code = "campaigns.claims_take_part"
    table = "loyalty_coupongrant"
    order = 42

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        harvest_claims(cursor, batch=batch)


class EntriesTakePart(Consumer):
    """Whoever enters a draw of an activity takes part in it."""

    code = "campaigns.entries_take_part"
    table = "loyalty_drawentry"
    order = 43

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        harvest_entries(cursor, batch=batch)


class OrderCredits(Consumer):
    """New orders and refunds, after the coupons on them were used up (`loyalty.coupon_codes`)."""

    code = "campaigns.order_credits"
    table = "timeline_purchase"
    order = 300

    def begin(self, cursor: CursorWrapper) -> bool:
        """All orders at one stroke, whatever there are."""
        del cursor
        credit_everybody(by=None, now=timezone.now())
        return True

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        credit_members(cursor, batch=batch)


class ParticipationCredits(Consumer):
    """Somebody took part, perhaps before an order that is known already."""

    code = "campaigns.participation_credits"
    table = "campaigns_participation"
    order = 310

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        credit_members(cursor, batch=batch)


class RebuiltCredits(Consumer):
    """Stored orders that changed."""

    code = "campaigns.rebuilt_credits"
    table = "timeline_rebuild"
    order = 320

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        credit_members(cursor, batch=batch)


class CouponCredits(Consumer):
    """A coupon was used, or given back: a use that changes comes again, with the transaction that changed it."""

    code = "campaigns.coupon_credits"
    table = "loyalty_couponredemption"
    order = 330

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        credit_coupons(cursor, batch=batch)


consumers.register_all(
    (
        LinkClicks(),
        ClaimsTakePart(),
        EntriesTakePart(),
        ParticipationActs(),
        OrderCredits(),
        ParticipationCredits(),
        RebuiltCredits(),
        CouponCredits(),
    )
)
