"""What campaigns follow: clicks of links; purchases and participations, for the credit of orders."""

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from campaigns.services.attribution import credit_everybody, credit_members
from campaigns.services.clicks import write_facts
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


consumers.register_all((LinkClicks(), ParticipationActs(), OrderCredits(), ParticipationCredits(), RebuiltCredits()))
