"""What results follow: facts of days that were measured already."""

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from dashboards.services.marks import mark_days, mark_days_of_members
from timeline.models import Consumer, consumers


class _ChangedDays(Consumer):
    """Days that are over get measured anew, with all whose windows reach back to them."""

    order = 900

    def begin(self, cursor: CursorWrapper) -> bool:
        """What is there already is measured as it is."""
        del cursor
        return True

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        mark_days(cursor, batch=batch, now=timezone.now())


class ChangedOrders(_ChangedDays):
    code = "dashboards.changed_orders"
    table = "timeline_purchase"


class ChangedInteractions(_ChangedDays):
    code = "dashboards.changed_interactions"
    table = "timeline_interaction"


class ChangedTouches(_ChangedDays):
    code = "dashboards.changed_touches"
    table = "timeline_touch"


class RebuiltMembers(_ChangedDays):
    """Before their sums are computed anew: these still say on which days there was something."""

    code = "dashboards.rebuilt_members"
    table = "timeline_rebuild"
    order = 90

    def handle(self, cursor: CursorWrapper, batch: str) -> None:
        mark_days_of_members(cursor, batch=batch, now=timezone.now())


consumers.register_all((ChangedOrders(), ChangedInteractions(), ChangedTouches(), RebuiltMembers()))
