"""What campaigns follow: clicks of links; purchases and participations, for the credit of orders."""

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from campaigns.services.clicks import write_facts
from timeline.models import Consumer, consumers


class LinkClicks(Consumer):
    """Clicks become touches and interactions."""

    code = "campaigns.link_clicks"
    table = "campaigns_linkclick"
    order = 40

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        write_facts(cursor, batch=batch, now=timezone.now())


consumers.register(LinkClicks())
