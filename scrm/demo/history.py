"""The life of the tiers over the span: roll-ups followed, tiers run as of many days, tags and saved views."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from accounts.models import User
from audit import services as audit
from scrm.demo.span import CHINA, Span
from segments.models import TierRun
from segments.services.retier import retier as run_tiers

Say = Callable[[str], None]
PATIENCE = 60.0
WEEKLY, DAILY = timedelta(days=91), timedelta(days=14)


def moments(span: Span) -> list[datetime]:
    """When the tiers are run: the first of each month, Mondays in the last quarter, daily for a fortnight, and the end."""
    midnights = [datetime.combine(span.first + timedelta(days=day), datetime.min.time(), CHINA) for day in range(1, span.days)]
    wanted = {moment for moment in midnights if moment.day == 1}
    wanted |= {moment for moment in midnights if moment.weekday() == 0 and moment >= span.until - WEEKLY}
    wanted |= {moment for moment in midnights if moment >= span.until - DAILY}
    return sorted(wanted | {span.until})


def retier(span: Span, *, now: datetime, say: Say) -> None:
    """Run the tiers as of every moment after the latest run."""
    wait_for_visibility()
    latest = TierRun.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    left = [moment for moment in moments(span) if latest is None or moment > latest]
    for moment in left:
        run_tiers(as_of=moment, now=now)
    say(f"tiers run as of {len(left)} days")


def wait_for_visibility() -> None:
    """Until no older transaction of the server can still commit: followers and runs read only below that horizon."""
    deadline = time.monotonic() + PATIENCE
    while not _all_visible() and time.monotonic() < deadline:
        time.sleep(0.2)


def _all_visible() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(xid), 0) < timeline_horizon() FROM timeline_touch")
        return bool(cursor.fetchone()[0])


def by_tier() -> dict[str, int]:
    run = TierRun.objects.order_by("-as_of").first()
    return dict(run.by_tier) if run else {}
