"""What would bring a member into a tier: only what can still happen."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from segments.rules.definitions import CriterionRule, Definitions, RfmRule, TierRule
from segments.rules.judge import Evidence, verdict
from segments.rules.slots import Slot
from segments.rules.validation import problems_of

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
SUMS = {
    Slot("orders", None): 3,
    Slot("orders", 30): 3,
    Slot("spend", None): 90_000,
    Slot("spend", 30): 20_000,
}
HERS = Evidence(as_of=AS_OF, sums=SUMS, known_at=AS_OF - timedelta(days=100), scores={"r": 5, "f": 2, "m": 1})


def rule(*criteria: tuple[str, int | None, str, str, int]) -> TierRule:
    return TierRule(
        code="one",
        criteria=tuple(
            CriterionRule(measure=measure, window_days=days, operator=operator, value=Decimal(value), alternative=group)
            for measure, days, operator, value, group in criteria
        ),
    )


@pytest.mark.parametrize(
    ("criterion", "possible"),
    [
        (("orders", None, "<=", "0"), False),  # a lifetime does not shrink
        (("orders", None, "=", "1"), False),
        (("orders", None, ">=", "9"), True),
        (("orders", 30, "<=", "0"), True),  # a window empties by itself
        (("spend", None, "<", "900"), False),
        (("spend", 30, ">=", "500"), True),
        (("registered_days", None, "<=", "7"), False),  # nobody becomes newer
        (("registered_days", None, "=", "7"), False),
        (("registered_days", None, ">=", "365"), True),
        (("f", None, "<=", "1"), True),
    ],
)
def test_what_can_still_hold(criterion: tuple[str, int | None, str, str], *, possible: bool) -> None:
    found = verdict(rule((*criterion, 1)), HERS)
    assert not found.holds
    assert bool(found.within_reach) is possible


def test_nearest_alternative_that_is_possible_is_offered() -> None:
    found = verdict(
        rule(
            ("registered_days", None, "<=", "7", 1),
            ("orders", 30, ">=", "5", 2),
            ("spend", 30, ">=", "500", 2),
        ),
        HERS,
    )
    assert [each.criterion.measure for each in found.nearest] == ["registered_days"]
    assert [each.criterion.measure for each in found.within_reach] == ["orders", "spend"]


FIXED = {"method": "fixed", "recency_days": (90, 60, 30, 7)}


@pytest.mark.parametrize(
    ("value", "rfm"),
    [
        ("-5", RfmRule()),
        ("5", RfmRule(**FIXED, frequency=(-5, 1, 2, 3), monetary=tuple(map(Decimal, (1, 2, 3, 4))))),
        ("5", RfmRule(**FIXED, frequency=(1, 2, 3, 4), monetary=tuple(map(Decimal, (-1, 2, 3, 4))))),
    ],
)
@pytest.mark.parametrize("measure", ["spend", "orders"])
def test_threshold_below_zero_is_a_problem(measure: str, value: str, rfm: RfmRule) -> None:
    proposed = Definitions(rfm=rfm, tiers=(rule((measure, 30, ">=", value, 1)),))
    assert [problem.code for problem in problems_of(proposed)] == ["negative"]
