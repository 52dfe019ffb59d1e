"""Per tier: members, orders and buyers and fen of 30 days, fen since the beginning."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone

from dataclasses import astuple, dataclass

from segments.models import TierRun, TierSnapshot
from segments.rules.slots import LIFETIME, ORDERS_30, SPEND_30, Slots
from segments.services.comparing import CHANGED
from segments.services.measuring import STANDING, fetch

GONE = "retier_gone"


@dataclass(frozen=True)
class Totals:
    members: int = 0
    orders: int = 0
    buyers: int = 0
    fen: int = 0
    ever: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


def totals_by_tier(slots: Slots, before: TierRun | None) -> dict[str, Totals]:
    """Of the standings as they are now. After the run `before`: its snapshot and the difference, if they add up.

    They do not where the snapshot is lost, or where a standing went without a run: every standing is summed then.
    """
    old = _snapshot(before) if before else {}
    if before is None or sum(each.members for each in old.values()) != before.members:
        return _everybody(slots)
    difference = _sums(
        slots,
        f"""
        SELECT tier, 1 AS sign, sums FROM {CHANGED}
        UNION ALL SELECT from_tier, -1, from_sums FROM {CHANGED} WHERE from_tier IS NOT NULL
        UNION ALL SELECT tier, -1, sums FROM {GONE}
        """,
    )
    now = {tier: old.get(tier, Totals()) + difference.get(tier, Totals()) for tier in old.keys() | difference.keys()}
    if sum(each.members for each in now.values()) != fetch(f"SELECT count(*) FROM {STANDING}")[0][0]:
        return _everybody(slots)
    return {tier: each for tier, each in now.items() if each.members}


def _everybody(slots: Slots) -> dict[str, Totals]:
    return _sums(slots, f"SELECT tier, 1 AS sign, sums FROM {STANDING}")


def _snapshot(run: TierRun) -> dict[str, Totals]:
    return {
        each.tier: Totals(
            each.members, each.orders_30d, each.buyers_30d, int(each.revenue_30d * 100), int(each.lifetime_value * 100)
        )
        for each in TierSnapshot.objects.filter(as_of=run.as_of)
    }


def _sums(slots: Slots, signed: str) -> dict[str, Totals]:
    orders, fen, ever = (f"sums[{slots.index(slot) + 1}]" for slot in (ORDERS_30, SPEND_30, LIFETIME))
    rows = fetch(
        f"""
        SELECT tier, sum(sign)::bigint, sum(sign * {orders})::bigint, sum(sign * ({orders} > 0)::int)::bigint,
            sum(sign * {fen})::bigint, sum(sign * {ever})::bigint
        FROM ({signed}) c GROUP BY tier
        """
    )
    return {tier: Totals(*sums) for tier, *sums in rows}
