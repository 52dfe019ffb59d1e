"""The life of the tiers over the span: roll-ups followed, tiers run as of many days, tags and saved views."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Mod

from accounts.models import User
from dashboards.services.snapshots import take_due
from members.models import Member, filter_members
from members.services.saved_views import save_view
from scrm.demo.span import CHINA, Span
from scrm.demo.views import BY_HAND, TAGS, VIEWS
from segments.models import Tag, TierRun
from segments.services.goals import measure_goals
from segments.services.retier import retier as run_tiers
from segments.services.tags import refresh_rule_tags, save_tag, save_tag_group, tag_members
from timeline.services import follow_all

Say = Callable[[str], None]
PATIENCE = 60.0
WEEKLY, DAILY = timedelta(days=91), timedelta(days=7)
NEWEST_IS_VISIBLE = """
SELECT coalesce(greatest(
    (SELECT max(xid) FROM timeline_purchase),
    (SELECT max(xid) FROM timeline_interaction),
    (SELECT max(xid) FROM timeline_touch)
), 0) < timeline_horizon()
"""


def moments(span: Span) -> list[datetime]:
    """When the tiers are run: the first of each month, Mondays in the last quarter, daily in the last week, and the end."""
    midnights = [
        datetime.combine(span.first + timedelta(days=day), datetime.min.time(), CHINA) for day in range(1, span.days)
    ]
    wanted = {moment for moment in midnights if moment.day == 1}
    wanted |= {moment for moment in midnights if moment.weekday() == 0 and moment >= span.until - WEEKLY}
    wanted |= {moment for moment in midnights if moment >= span.until - DAILY}
    return sorted(wanted | {span.until})


def follow(*, now: datetime, say: Say) -> None:
    """Bring the sums per member and day up to date."""
    wait_for_visibility()
    while any(follow_all(now=now).values()):
        pass
    say("followed: sums per member and day")


def retier(span: Span, *, now: datetime, say: Say) -> None:
    """Run the tiers as of every moment after the latest run, apart from the end: more is to be recorded before."""
    latest = TierRun.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    left = [moment for moment in moments(span)[:-1] if latest is None or moment > latest]
    for moment in left:
        run_tiers(as_of=moment, now=now)
    say(f"tiers run as of {len(left)} days")


def retier_at_the_end(span: Span, *, now: datetime, say: Say) -> None:
    """With everything that was recorded, so that the next hour finds nobody to move; and measure the goals."""
    moved = run_tiers(as_of=span.until, now=now).moved
    measure_goals(again=True)
    say(f"tiers run as of the end: {moved:,} moved")


def furnish_views(*, now: datetime) -> None:
    """Tag groups, tags and saved views, made by the marketer; some members tagged by hand."""
    marketer = User.objects.get(username="marketer")
    for position, (group_name, tags) in enumerate(TAGS.items(), 1):
        group = save_tag_group(name=group_name, position=position * 10, by=marketer, now=now)
        for name, rule in tags:
            save_tag(group=group, name=name, rule=rule, by=marketer, now=now)
    for name, (parameters, every) in BY_HAND.items():
        found = filter_members(Member.objects.active(), parameters, now=now)
        chosen = found.annotate(rest=Mod(F("pk"), every)).filter(rest=0)
        tag_members(members=chosen, tag=Tag.objects.get(name=name), by=marketer, now=now)
    for name, parameters, shared in VIEWS:
        save_view(by=marketer, now=now, name=name, params=parameters, shared=shared)


def refresh_tags(*, now: datetime, say: Say) -> None:
    held = sum(refreshed.added for refreshed in refresh_rule_tags(now=now))
    say(f"tags kept by rules: {held:,} given")


def take_snapshots(*, now: datetime, say: Say) -> None:
    """What the metrics were on every day of 13 weeks, as the nightly run would have kept it."""
    taken = take_due(now=now)
    say(f"metrics measured: {taken.figures:,} figures")


def wait_for_visibility() -> None:
    """Until no older transaction of the server can still commit: followers and runs read only below that horizon."""
    deadline = time.monotonic() + PATIENCE
    while not _all_visible() and time.monotonic() < deadline:
        time.sleep(0.2)


def _all_visible() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_IS_VISIBLE)
        return bool(cursor.fetchone()[0])


def by_tier() -> dict[str, int]:
    run = TierRun.objects.order_by("-as_of").first()
    return dict(run.by_tier) if run else {}
