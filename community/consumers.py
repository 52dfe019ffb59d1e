"""What communities follow."""

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from community.models import BatchScan, batch_scans
from community.services.detecting import find_violations
from community.services.sharing import share_everybody, share_invited, share_people
from timeline.models import Consumer, consumers


class ShareOrders(Consumer):
    """New orders and refunds: the share that a KOC gets of them."""

    code = "community.share_orders"
    table = "timeline_purchase"
    order = 330

    def begin(self, cursor: CursorWrapper) -> bool:
        """All orders at one stroke: none, unless a rule was there before anybody followed."""
        del cursor
        share_everybody(by=None, now=timezone.now())
        return True

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        share_people(cursor, batch=batch, now=timezone.now())


class ShareInvitations(Consumer):
    """Somebody was invited by a KOC, perhaps before an order that is known already."""

    code = "community.share_invitations"
    table = "timeline_touch"
    order = 331

    def begin(self, cursor: CursorWrapper) -> bool:
        """Those of the past are seen with their orders."""
        del cursor
        return True

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        share_invited(cursor, batch=batch, now=timezone.now())


class RebuiltShares(Consumer):
    """Stored orders that changed."""

    code = "community.rebuilt_shares"
    table = "timeline_rebuild"
    order = 332

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        share_people(cursor, batch=batch, now=timezone.now())


consumers.register_all((ShareOrders(), ShareInvitations(), RebuiltShares()))
batch_scans.register(BatchScan(code="community.violations", scan=find_violations, order=10))
