"""Audiences over everybody: the estimate of three rules against the statements that somebody would write by hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from scrm.bench.database import as_owner, execute, fetch
from scrm.bench.dataset import Dataset, fill
from scrm.bench.figures import Figure, at_most, in_turns, seconds_of
from scrm.bench.options import Options
from segments.selectors.audiences import estimate

SILENT = {
    "all": [
        {"filter": {"gender": ["female"]}},
        {"purchases": {"measure": "orders", "operator": ">=", "value": "1", "days": 365}},
        {"purchases": {"measure": "orders", "operator": "=", "value": "0", "days": 60}},
    ]
}
SILENT_BY_HAND = """
SELECT count(*) FROM members_member AS member WHERE merged_into_id IS NULL AND gender = 'female'
AND EXISTS (SELECT FROM timeline_purchase AS fact WHERE fact.member_id = member.id AND sold
    AND occurred_at >= %(now)s - interval '365 days' AND occurred_at < %(now)s)
AND NOT EXISTS (SELECT FROM timeline_purchase AS fact WHERE fact.member_id = member.id AND sold
    AND occurred_at >= %(now)s - interval '60 days' AND occurred_at < %(now)s)
"""
WORTHY = {
    "all": [
        {"purchases": {"measure": "spend", "operator": ">=", "value": "500", "days": 90}},
        {"interactions": {"operator": ">=", "value": "3", "days": 30}},
    ]
}
WORTHY_BY_HAND = """
SELECT count(*) FROM members_member AS member
JOIN (SELECT member_id FROM timeline_purchase WHERE occurred_at >= %(now)s - interval '90 days' AND occurred_at < %(now)s
    GROUP BY member_id HAVING sum(amount) >= 500) AS bought ON bought.member_id = member.id
JOIN (SELECT member_id FROM timeline_interaction WHERE occurred_at >= %(now)s - interval '30 days'
    AND occurred_at < %(now)s GROUP BY member_id HAVING count(*) >= 3) AS did ON did.member_id = member.id
WHERE merged_into_id IS NULL
"""
NESTED = {
    "any": [
        {"all": [{"filter": {"registered_from": ["-365d"]}}, {"not": {"interactions": {
            "kinds": ["browse"], "operator": ">=", "value": "1", "days": 14}}}]},
        {"purchases": {"measure": "orders", "operator": ">=", "value": "5", "days": 180}},
    ]
}  # fmt: skip
NESTED_BY_HAND = """
SELECT count(*) FROM members_member AS member
LEFT JOIN (SELECT DISTINCT member_id FROM timeline_interaction WHERE kind = 'browse'
    AND occurred_at >= %(now)s - interval '14 days' AND occurred_at < %(now)s) AS did ON did.member_id = member.id
LEFT JOIN (SELECT member_id FROM timeline_purchase WHERE sold AND occurred_at >= %(now)s - interval '180 days'
    AND occurred_at < %(now)s GROUP BY member_id HAVING count(*) >= 5) AS bought ON bought.member_id = member.id
WHERE merged_into_id IS NULL AND (
    registered_at >= %(now)s - interval '365 days' AND did.member_id IS NULL OR bought.member_id IS NOT NULL)
"""
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "bought, but not lately": (SILENT, SILENT_BY_HAND),
    "spend and interactions": (WORTHY, WORTHY_BY_HAND),
    "nested": (NESTED, NESTED_BY_HAND),
}


def over_everybody(options: Options) -> Iterator[Figure]:
    """Ours draws a few members besides the count."""
    dataset = Dataset(members=options.members, purchases=10 * options.members, interactions=10 * options.members)
    with as_owner():
        took = seconds_of(lambda: fill(dataset))
        execute("VACUUM ANALYZE members_member, timeline_purchase, timeline_interaction")
    options.say(f"{options.members:,} members with 10 purchases and 10 interactions each generated in {took:.0f} s")
    for name, (rule, by_hand) in RULES.items():
        yield _measure(name, rule, by_hand, now=dataset.until, rounds=options.rounds)


def _measure(name: str, rule: dict[str, Any], by_hand: str, *, now: datetime, rounds: int) -> Figure:
    answers = [0, 0]

    def hand() -> None:
        ((answers[0],),) = fetch(by_hand, {"now": now})

    def ours() -> None:
        answers[1] = estimate(rule, now=now, by=None, patience=timedelta(minutes=10)).size

    hand_s, ours_s = in_turns(rounds, lambda: seconds_of(hand), lambda: seconds_of(ours))
    parts: dict[str, Any] = {
        "estimate_s": ours_s,
        "by_hand_s": hand_s,
        "members": answers[1],
        "same_answer": answers[0] == answers[1],
    }
    return at_most(f"audience “{name}” / statement by hand", ours_s / hand_s, 2, **parts)
