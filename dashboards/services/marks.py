"""Marking days of which facts changed, and finding what was told from them."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from dashboards.models import EVERYBODY, ChangedDay, Snapshot
from dashboards.models.facts import TOLD_FROM
from dashboards.selectors.telling import Asked
from timeline.models import fact_sources
from timeline.rules.purchases import COMPLETED

#: One night measures at most so many days anew: as many as are kept without being asked for.
MOST_DAYS = 91

_MARK = """
INSERT INTO dashboards_changedday AS known (source, day, at)
SELECT DISTINCT '', day, %(now)s::timestamptz FROM ({days}) AS touched WHERE day < %(today)s ORDER BY day
ON CONFLICT (source, day) DO UPDATE SET at = excluded.at
"""
_OF_FACTS = "SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day FROM {batch}"
_OF_MEMBERS = """
    SELECT day FROM timeline_purchaseday WHERE member_id IN (SELECT member_id FROM {batch})
    UNION ALL SELECT day FROM timeline_interactionday WHERE member_id IN (SELECT member_id FROM {batch})
    UNION ALL SELECT (occurred_at AT TIME ZONE %(zone)s)::date FROM timeline_purchase
        WHERE member_id IN (SELECT member_id FROM {batch})
"""
#: Whoever marks, and whoever keeps the sums from which its days are measured.
SUMS = {
    "dashboards.changed_orders": "timeline.purchase_days",
    "dashboards.changed_interactions": "timeline.interaction_days",
    "dashboards.rebuilt_members": "timeline.rebuilt_purchase_days",
}
_BEHIND = """
SELECT EXISTS (
    SELECT FROM unnest(%s::text[], %s::text[]) AS pair (mark, sum)
    JOIN timeline_cursor AS marked ON marked.consumer = pair.mark
    JOIN timeline_cursor AS summed ON summed.consumer = pair.sum
    WHERE (summed.xid, summed.last_id) < (marked.xid, marked.last_id)
)
"""


def mark_days(cursor: CursorWrapper, *, batch: str, now: datetime) -> None:
    """The days of a batch of facts, as far as they are over."""
    _mark(cursor, _OF_FACTS.format(batch=batch), now)


def mark_days_of_members(cursor: CursorWrapper, *, batch: str, now: datetime) -> None:
    """Every day of members whose stored facts changed, where nobody knows which of them did.

    Of orders that were completed it is known: they come again, and their days are marked as those of others.
    """
    unknown = f"(SELECT member_id FROM {batch} WHERE reason <> '{COMPLETED}') AS rebuilt"
    _mark(cursor, _OF_MEMBERS.format(batch=unknown), now)


def _mark(cursor: CursorWrapper, days: str, now: datetime) -> None:
    values: dict[str, Any] = {"zone": settings.TIME_ZONE, "today": timezone.localtime(now).date(), "now": now}
    cursor.execute(_MARK.format(days=days), values)


def settled_marks() -> list[ChangedDay]:
    """Marked days, once the sums have followed the facts as far as the marks have; until then none."""
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [list(SUMS), list(SUMS.values())])
        (is_behind,) = cursor.fetchone()
    return [] if is_behind else list(ChangedDay.objects.order_by("day", "source"))


def tonight(
    marks: Sequence[ChangedDay], wanted: Sequence[Asked], last: date
) -> tuple[list[ChangedDay], dict[date, set[int]]]:
    """As many marks as one night sees to, the latest days first, and the days and metrics to be measured anew for them.

    These are the measured days up to `last` of which a window, or what a fact takes to show, reaches back to a marked
    one. The other marks wait for the next night.
    """
    if not marks:
        return [], {}
    measured = Snapshot.objects.filter(slice=EVERYBODY, day__range=(marks[0].day, last))
    days = sorted(set(measured.values_list("day", flat=True)))
    taken: list[ChangedDay] = []
    left: dict[date, set[int]] = {}
    for mark in reversed(marks):
        touched = {each.definition.pk: _reach(each) for each in wanted if _concerns(mark, each)}
        until = mark.day + timedelta(days=max(touched.values(), default=-1))
        found = days[bisect_left(days, mark.day) : bisect_right(days, until)]
        if taken and len(left.keys() | set(found)) > MOST_DAYS:
            break
        taken.append(mark)
        for day in found:
            within = {metric for metric, reach in touched.items() if day <= mark.day + timedelta(days=reach)}
            left.setdefault(day, set()).update(within)
    return taken, left


def _concerns(mark: ChangedDay, each: Asked) -> bool:
    return not mark.source or any(mark.source in {slot.source, TOLD_FROM.get(slot.source)} for slot in each.slots())


def _reach(each: Asked) -> int:
    sources = [fact_sources.get(slot.source) for slot in each.slots()]
    return max(window.back for window in each.windows) + max(
        (source.delay + source.reach for source in sources), default=0
    )


@transaction.atomic
def forget_marks(marks: Sequence[ChangedDay]) -> None:
    """What was marked anew meanwhile stays."""
    for mark in marks:
        ChangedDay.objects.filter(pk=mark.pk, at=mark.at).delete()
