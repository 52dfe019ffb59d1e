"""Tiers of everybody: against the bare aggregate, against pandas, and the day's run against the full one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scrm.bench import pandas_peer
from scrm.bench.database import as_owner, empty, execute, fetch
from scrm.bench.dataset import Dataset, fill, touch
from scrm.bench.figures import Figure, at_least, at_most, in_turns, seconds_of
from scrm.bench.memory import in_process, peak_mb
from scrm.bench.options import Options
from scrm.demo.history import wait_for_visibility
from segments.services.retier import RetierResult, retier

RUN_TABLES = ("segments_memberstanding", "segments_tierchange", "segments_tiersnapshot", "segments_tierrun")
BARE = """
CREATE TABLE bench_bare AS
SELECT member_id, count(*) AS orders, sum(amount) AS spend, max(occurred_at) AS latest FROM timeline_purchase GROUP BY 1
"""
DIGEST = """
SELECT count(*), sum(hashtextextended(concat_ws('|', member_id, known_at, first_fact_at, last_order_at,
    last_interaction_at, frequency, monetary, sums, r, f, m, tier, tier_since), 0)::numeric) FROM segments_memberstanding
"""
TOUCHED = 0.01
MEMORY_LIMIT_MB = 300


def generate(options: Options) -> Dataset:
    """Members, ten purchases and five interactions each, visible to every follower."""
    dataset = Dataset(members=options.members, purchases=10 * options.members, interactions=5 * options.members)
    with as_owner():
        took = seconds_of(lambda: fill(dataset))
    options.say(f"{options.members:,} members with their facts generated in {took:.0f} s")
    wait_for_visibility()
    return dataset


def full(options: Options) -> Iterator[Figure]:
    dataset = generate(options)
    results: list[RetierResult] = []
    began_mb = peak_mb()
    bare_s, full_s = in_turns(options.rounds, _bare, lambda: _first_run(dataset.until, results))
    grown = peak_mb() - began_mb
    yield at_most("full run / bare GROUP BY", full_s / bare_s, 2.5, full_s=full_s, bare_s=bare_s)
    yield at_most("memory grown by the runs", grown, MEMORY_LIMIT_MB, unit="MB")
    options.say("the same in pandas")
    with as_owner():
        peer = in_process(pandas_peer.run, dataset.until)
    same = peer["by_tier"] == {tier: people for tier, people in results[-1].by_tier.items() if people}
    yield at_least(
        "pandas / full run",
        peer["seconds"] / full_s,
        2.5,
        pandas_s=round(peer["seconds"], 1),
        pandas_mb=round(peer["peak_mb"]),
        same_tiers=same,
    )


def tick(options: Options) -> Iterator[Figure]:
    """A hundredth of the members touched and a day gone by; both kinds of run must leave the same standings."""
    dataset = generate(options)
    retier(as_of=dataset.until, full=True)
    ticks, fulls, same = [], [], True
    for day in range(1, options.rounds + 1):
        with as_owner():
            touch(dataset, share=TOUCHED, day=day)
        wait_for_visibility()
        as_of = dataset.until + timedelta(days=day)
        ticks.append(retier(as_of=as_of).seconds)
        after_tick = fetch(DIGEST)
        fulls.append(retier(as_of=as_of, full=True).seconds)
        same = same and after_tick == fetch(DIGEST)
    tick_s, full_s = sorted(ticks)[len(ticks) // 2], sorted(fulls)[len(fulls) // 2]
    yield at_most("daily run / full run", tick_s / full_s, 0.25, tick_s=tick_s, full_s=full_s, same_answer=same)
    yield Figure(name="both leave the same standings", value=float(same), unit="", target="1", holds=same)


def _bare() -> float:
    with as_owner():
        execute("SET work_mem = '256MB'")
        took = seconds_of(lambda: execute(BARE))
        execute("DROP TABLE bench_bare")
    return took


def _first_run(as_of: datetime, results: list[RetierResult]) -> float:
    """Everybody's first tier: every standing and every change is written."""
    empty(*RUN_TABLES)
    return seconds_of(lambda: results.append(retier(as_of=as_of, full=True)))
