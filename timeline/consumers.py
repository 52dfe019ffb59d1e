"""The timeline's own consumers: they keep the sums per member and day."""

from django.db.backends.utils import CursorWrapper

from timeline.models import Consumer, consumers
from timeline.rules.rollups import INTERACTION_DAYS, PURCHASE_DAYS, Rollup
from timeline.services.rollups import compute_everything, compute_members, compute_touched_days


class _Days(Consumer):
    """Days on which something happened; at the beginning all of them at once."""

    rollup: Rollup

    def begin(self, cursor: CursorWrapper) -> bool:
        compute_everything(cursor, self.rollup)
        return True

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        compute_touched_days(cursor, self.rollup, batch=batch)


class PurchaseDays(_Days):
    code = "timeline.purchase_days"
    table = "timeline_purchase"
    rollup = PURCHASE_DAYS


class InteractionDays(_Days):
    code = "timeline.interaction_days"
    table = "timeline_interaction"
    rollup = INTERACTION_DAYS


class RebuiltPurchaseDays(Consumer):
    """Members whose stored orders changed: a day may have lost an order, which no batch of orders would name."""

    code = "timeline.rebuilt_purchase_days"
    table = "timeline_rebuild"
    order = 110

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        compute_members(cursor, PURCHASE_DAYS, batch=batch)


class RebuiltInteractionDays(Consumer):
    """Members of whom facts were taken back."""

    code = "timeline.rebuilt_interaction_days"
    table = "timeline_rebuild"
    order = 110

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        compute_members(cursor, INTERACTION_DAYS, batch=batch)


consumers.register_all((PurchaseDays(), InteractionDays(), RebuiltPurchaseDays(), RebuiltInteractionDays()))
