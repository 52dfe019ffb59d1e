"""Silences of everybody counted and the silent flagged, against the bare aggregates that they need."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from dashboards.services.silences import count_silences, flag_silent
from scrm.bench.database import analyze, as_owner, empty, execute
from scrm.bench.dataset import Dataset, fill
from scrm.bench.figures import Figure, Spent, at_most, ratios, spent_in_turns, spent_on
from scrm.bench.options import Options
from timeline.rules.rollups import INTERACTION_DAYS, PURCHASE_DAYS

FLAGS = "dashboards_churnflag"
DAYS = 365
# How long silences are, and nothing else: no stores, no tiers, no members.
BARE_COUNT = """
SELECT after - day AS days, count(*)
FROM (
    SELECT day, lead(day) OVER (PARTITION BY member_id ORDER BY day) AS after
    FROM (
        SELECT member_id, day FROM timeline_interactionday WHERE day BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT member_id, day FROM timeline_purchaseday WHERE orders > 0 AND day BETWEEN %(first)s AND %(last)s
    ) AS signs
) AS ordered
WHERE after IS NULL OR after > day
GROUP BY 1
"""
# Everybody's last day, and nothing else: nobody is judged, nothing is written.
BARE_LAST = """
SELECT count(*) FROM (
    SELECT member_id, max(day) FROM (
        SELECT member_id, day FROM timeline_interactionday WHERE day >= %(first)s
        UNION ALL
        SELECT member_id, day FROM timeline_purchaseday WHERE orders > 0 AND day >= %(first)s
    ) AS signs GROUP BY member_id
) AS last
"""
BARE_FLAGS = f"""
INSERT INTO {FLAGS} (member_id, seen, days, scope, since, ended)
SELECT id, %s, 3, 'all', %s, '' FROM members_member ORDER BY id LIMIT %s
"""  # noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter


def measure(options: Options) -> Iterator[Figure]:
    """A year of silences of the whole brand; then the flags of a first day, and those of the day after."""
    dataset = Dataset(members=options.members, purchases=2 * options.members, interactions=10 * options.members)
    with as_owner():
        fill(dataset)
        _sum_up()
    analyze("members_member", "timeline_interactionday", "timeline_purchaseday")
    now = dataset.until
    today = timezone.localdate(now)
    span = {"first": today - timedelta(days=DAYS), "last": today - timedelta(days=1)}
    counted, bare = spent_in_turns(
        options.rounds, _once(lambda: count_silences(now=now)), _once(lambda: execute(BARE_COUNT, span))
    )
    yield from ratios("silences by store and tier / bare gaps", counted, bare, 3)
    flagged: list[int] = []

    def flag() -> None:
        flagged.append(flag_silent(now=now).flagged)

    def by_hand() -> None:
        execute(BARE_LAST, {"first": today - timedelta(days=34)})
        execute(BARE_FLAGS, [today, today, flagged[-1]])

    first, hand = spent_in_turns(options.rounds, _once(flag, FLAGS), _once(by_hand, FLAGS))
    yield from ratios("first flags / bare last days and rows", first, hand, 3, members=max(flagged))
    empty(FLAGS)
    flag_silent(now=now)
    analyze(FLAGS)
    again = spent_on(lambda: flag_silent(now=now + timedelta(days=1)))
    yield at_most("the day after / the first day", again.wall / first.wall, 2, wall_s=again.wall)


def _once(act: Callable[[], object], *tables: str) -> Callable[[], Spent]:
    def spent() -> Spent:
        if tables:
            empty(*tables)

        def whole() -> None:
            with transaction.atomic():
                act()

        return spent_on(whole)

    return spent


def _sum_up() -> None:
    """Sums per member and day, as the followers leave them after their beginning."""
    with connection.cursor() as cursor:
        for rollup in (PURCHASE_DAYS, INTERACTION_DAYS):
            cursor.execute(rollup.compute_all(), {"zone": settings.TIME_ZONE})
