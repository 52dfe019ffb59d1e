"""A day's snapshot of every metric against one scan of what it is made of; the page; cohorts against their aggregate."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Region, Store, User
from dashboards.models import Snapshot
from dashboards.selectors.cohorts import purchase_cohorts, registration_cohorts
from dashboards.services.cohorts import count_by_order, count_by_registration
from dashboards.services.snapshots import take_snapshots
from scrm.bench.database import analyze, as_owner, execute, fetch
from scrm.bench.dataset import Dataset, fill
from scrm.bench.figures import Figure, at_most, ratios, seconds_of, spent_in_turns, spent_on
from scrm.bench.options import Options
from scrm.demo.history import wait_for_visibility
from segments.services.retier import retier
from timeline.rules.rollups import INTERACTION_DAYS, PURCHASE_DAYS
from timeline.services.rollups import compute_everything

STORES = 50
MOST_QUERIES = 10
MONTHS = 24
OK = 200
SCANS = (
    "SELECT count(*), max(registered_at) FROM members_member",
    "SELECT count(*), sum(amount) FROM timeline_purchase",
    "SELECT count(*), count(*) FILTER (WHERE kind = 'browse') FROM timeline_interaction",
)
BARE_MONTHS = """
SELECT count(*), sum(orders), sum(amount) FROM (
    SELECT member_id, date_trunc('month', day)::date AS month, sum(orders) AS orders, sum(amount) AS amount
    FROM timeline_purchaseday GROUP BY 1, 2
) AS monthly
"""
BARE_DAYS = """
SELECT count(*), sum(days) FROM (
    SELECT member_id, count(*) AS days, min(day) AS first FROM (
        SELECT member_id, day FROM timeline_purchaseday UNION ALL SELECT member_id, day FROM timeline_interactionday
    ) AS fact GROUP BY 1
) AS seen
"""


def snapshot(options: Options) -> Iterator[Figure]:
    """By everybody, fifty stores, six tiers; ten purchases and ten interactions for each member."""
    dataset = _generate(options)
    now = dataset.until
    day = timezone.localtime(now).date() - timedelta(days=1)
    _without_workers()

    def take() -> None:
        take_snapshots(first=day, last=day, by=None, now=now, again=True)

    def scan() -> None:
        for statement in SCANS:
            fetch(statement)

    scan()
    took, scanned = spent_in_turns(options.rounds, lambda: spent_on(take), lambda: spent_on(scan))
    yield from ratios("a day's snapshot / one scan of each", took, scanned, 2, figures=Snapshot.objects.count())
    options.say(_slowest(take))
    weeks = seconds_of(lambda: take_snapshots(first=day - timedelta(days=27), last=day, by=None, now=now))
    yield Figure(
        name="four weeks made good", value=round(weeks, 1), unit="s", parts={"per_day_s": round(weeks / 27, 2)}
    )
    yield from _page()


def cohorts(options: Options) -> Iterator[Figure]:
    """The tables over 24 months against the bare GROUP BY that each of them needs; the pages read what is counted."""
    now = _generate(options).until + timedelta(days=1)
    reader = User.objects.create_user("reader", role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    _without_workers()
    day = timezone.localtime(now).date() - timedelta(days=1)
    yield from _counted("cohorts by first order", count_by_order, BARE_MONTHS, now, options)
    yield from _counted("cohorts by registration", count_by_registration, BARE_DAYS, now, options)
    yield _read("cohorts by first order", lambda: purchase_cohorts(reader, until=day), options)
    yield _read("cohorts by registration", lambda: registration_cohorts(reader, until=day), options)


def _counted(name: str, count: Callable[..., int], bare: str, now: datetime, options: Options) -> Iterable[Figure]:
    counted, summed = spent_in_turns(
        options.rounds, lambda: spent_on(lambda: count(now=now)), lambda: spent_on(lambda: fetch(bare))
    )
    return ratios(f"{name} / bare aggregate", counted, summed, 2)


def _read(name: str, read: Callable[[], object], options: Options) -> Figure:
    took = median(seconds_of(read) for _round in range(options.rounds))
    return Figure(name=f"{name}, read", value=round(took * 1000), unit="ms")


def _generate(options: Options) -> Dataset:
    region = Region.objects.create(code="bench", name="bench")
    stores = Store.objects.bulk_create(Store(region=region, code=f"b{n}", name=f"b{n}") for n in range(STORES))
    many = 10 * options.members
    dataset = Dataset(
        members=options.members, purchases=many, interactions=many, stores=tuple(store.pk for store in stores)
    )
    with as_owner():
        took = seconds_of(lambda: fill(dataset))
    analyze("members_member", "timeline_purchase", "timeline_interaction")
    wait_for_visibility()
    with connection.cursor() as cursor:
        for rollup in (PURCHASE_DAYS, INTERACTION_DAYS):
            took += seconds_of(lambda each=rollup: compute_everything(cursor, each))  # type: ignore[misc]
    analyze("timeline_purchaseday", "timeline_interactionday")
    midnight = timezone.localtime(dataset.until).replace(hour=0)
    took += seconds_of(lambda: retier(as_of=midnight, full=True))
    analyze("segments_memberstanding", "segments_tierchange")
    options.say(f"{options.members:,} members with their facts, sums and tiers generated in {took:.0f} s")
    return dataset


def _slowest(act: Callable[[], None]) -> str:
    """Which statements took the most of a run."""
    with CaptureQueriesContext(connection) as captured:
        act()
    slow = sorted(captured.captured_queries, key=lambda query: -float(query["time"]))[:6]
    return "slowest: " + "; ".join(f"{query['time']} s {' '.join(query['sql'].split())[:90]}" for query in slow)


def _page() -> Iterator[Figure]:
    User.objects.create_user("reader", role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(User.objects.get(username="reader"))
    address = reverse("dashboards:results")
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        _get(client, address)
        with CaptureQueriesContext(connection) as captured:
            took = seconds_of(lambda: _get(client, address))
    yield at_most("three levels", len(captured), MOST_QUERIES, unit="queries", ms=round(took * 1000))


def _get(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != OK:
        raise RuntimeError(f"{address} answered {response.status_code}")


def _without_workers() -> None:
    """Their time would be nobody's, see `spent_on`."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with as_owner():
        execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0")
    connection.close()
