"""Tiers of everybody: against the bare aggregate, against pandas, and the day's run against the full one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from scrm.bench import pandas_peer
from scrm.bench.database import analyze, as_owner, empty, execute, fetch
from scrm.bench.dataset import Dataset, fill, touch
from scrm.bench.figures import Figure, Spent, at_least, at_most, medians, ratio, seconds_of, spent_on
from scrm.bench.memory import in_process, peak_mb
from scrm.bench.options import Options
from scrm.demo.history import wait_for_visibility
from segments.models import TierRun
from segments.services.measuring import MEMORY
from segments.services.retier import retier

RUN_TABLES = ("segments_memberstanding", "segments_tierchange", "segments_tiersnapshot", "segments_tierrun")
BARE = """
CREATE TABLE bench_bare AS
SELECT member_id, count(*) AS orders, sum(amount) AS spend, max(occurred_at) AS latest FROM timeline_purchase GROUP BY 1
"""
DIGEST = """
SELECT count(*), sum(hashtextextended(concat_ws('|', member_id, known_at, first_fact_at, last_order_at,
    last_interaction_at, frequency, monetary, sums, r, f, m, tier, tier_since), 0)::numeric) FROM segments_memberstanding
"""
FACT_TABLES = ("members_member", "timeline_purchase", "timeline_interaction")
DAY = timedelta(days=1)
TOUCHED = 0.01
MEMORY_LIMIT_MB = 300


def generate(options: Options) -> Dataset:
    """Members, ten purchases and five interactions each, visible to every follower and vacuumed, as facts of old are."""
    dataset = Dataset(members=options.members, purchases=10 * options.members, interactions=5 * options.members)
    with as_owner():
        took = seconds_of(lambda: fill(dataset))
    analyze(*FACT_TABLES)
    options.say(f"{options.members:,} members with their facts generated in {took:.0f} s")
    wait_for_visibility()
    return dataset


def full(options: Options) -> Iterator[Figure]:
    """The first run, which writes everything, and the one a day later, when every window has moved and little changes."""
    _treat_alike()
    dataset = generate(options)
    began_mb = peak_mb()
    bares, firsts, laters = [], [], []
    for number in range(1, options.rounds + 1):
        options.say(f"round {number} of {options.rounds}")
        bares.append(_bare())
        empty(*RUN_TABLES)
        firsts.append(spent_on(lambda: retier(as_of=dataset.until, full=True)))
        laters.append(spent_on(lambda: retier(as_of=dataset.until + DAY, full=True)))
    grown = peak_mb() - began_mb
    bare, first, later = medians(bares), medians(firsts), medians(laters)
    yield _compared("first run / bare GROUP BY", first, bare, 2.5)
    yield _compared("full run / bare GROUP BY", later, bare, 2.5)
    yield at_most("memory grown by the runs", grown, MEMORY_LIMIT_MB, unit="MB")
    options.say("the same in pandas")
    yield _against_pandas(dataset, first)


def tick(options: Options) -> Iterator[Figure]:
    """A hundredth of the members touched and a day gone by, worked off by either kind of run in turns.

    At last a full run as of the same moment as a daily one must leave the same standings.
    """
    _treat_alike()
    dataset = generate(options)
    retier(as_of=dataset.until, full=True)
    ticks, fulls = [], []
    for day in range(1, 2 * options.rounds + 1, 2):
        options.say(f"days {day} and {day + 1} of {2 * options.rounds}")
        fulls.append(_next_day(dataset, day, full=True))
        ticks.append(_next_day(dataset, day + 1, full=False))
    after_tick = fetch(DIGEST)
    retier(as_of=dataset.until + 2 * options.rounds * DAY, full=True)
    same = after_tick == fetch(DIGEST)
    daily, whole = medians(ticks), medians(fulls)
    yield _compared("daily run / full run", daily, whole, 0.25, same_answer=same)
    yield Figure(name="both leave the same standings", value=float(same), unit="", target="1", holds=same)


def _treat_alike() -> None:
    """Every session gets the memory that a run takes, and works alone, so that processors' time can be compared."""
    with as_owner():
        for setting in (f"work_mem = '{MEMORY}'", "max_parallel_workers_per_gather = 0"):
            execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET {setting}')
    connection.close()


def _compared(name: str, run: Spent, base: Spent, limit: float, **parts: Any) -> Figure:
    return at_most(
        name,
        run.wall / base.wall,
        limit,
        run_s=run.wall,
        base_s=base.wall,
        cpu_ratio=ratio(run.cpu, base.cpu),
        run_cpu_s=run.cpu,
        base_cpu_s=base.cpu,
        **parts,
    )


def _against_pandas(dataset: Dataset, first: Spent) -> Figure:
    with as_owner():
        peer = in_process(pandas_peer.run, dataset.until)
    by_tier = TierRun.objects.order_by("as_of")[0].by_tier
    spent: Spent = peer["spent"]
    return at_least(
        "pandas / first run",
        spent.wall / first.wall,
        2.5,
        pandas_s=round(spent.wall, 1),
        cpu_ratio=ratio(spent.cpu, first.cpu),
        pandas_cpu_s=spent.cpu and round(spent.cpu, 1),
        pandas_mb=round(peer["peak_mb"]),
        same_tiers=peer["by_tier"] == {tier: people for tier, people in by_tier.items() if people},
    )


def _bare() -> Spent:
    with as_owner():
        spent = spent_on(lambda: execute(BARE))
        execute("DROP TABLE bench_bare")
    return spent


def _next_day(dataset: Dataset, day: int, *, full: bool) -> Spent:
    """The standings are vacuumed as autovacuum does within a day."""
    with as_owner():
        touch(dataset, share=TOUCHED, day=day)
    analyze("segments_memberstanding")
    wait_for_visibility()
    return spent_on(lambda: retier(as_of=dataset.until + day * DAY, full=full))
