"""Tiers by the seeded definitions: the edges of each rule, the order, and what a run leaves behind."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from audit.models import AuditEntry
from members.models import Member
from segments.errors import AsOfTooEarly, DefinitionsInvalid, ReasonMissing
from segments.models import GoalProgress, MemberStanding, Tier, TierChange, TierRun, TierSnapshot
from segments.rules.definitions import CriterionRule, RfmRule
from segments.selectors.definitions import current_definitions
from segments.selectors.explanation import explain, tier_history
from segments.selectors.flow import FlowCell, members_in_flow, tier_flow
from segments.selectors.overview import tier_overview, tier_series
from segments.services.definitions import drafts, proposed, update_tier_definitions
from segments.services.goals import measure_goals
from segments.services.preview import preview_definitions
from segments.services.retier import retier
from tests.segments.facts import Act, Order, add_acts, add_orders, make_members, moment

pytestmark = [pytest.mark.servers, pytest.mark.django_db]

AS_OF = moment("2026-11-01T16:00:00")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def days_ago(days: float, *, beside: timedelta = timedelta(0)) -> datetime:
    return AS_OF - timedelta(days=days) + beside


def tier_of(member: int) -> str:
    return MemberStanding.objects.get(pk=member).tier


def one_of_each() -> dict[str, int]:
    """A member of every tier, at the edge of its rule."""
    new, high, potential, silent, low, claims, regular = make_members(
        [days_ago(7), None, None, days_ago(90), None, days_ago(20), days_ago(89)], created_at=AS_OF - 900 * DAY
    )
    add_orders(
        [
            Order(high, days_ago(30), Decimal(500)),
            Order(potential, days_ago(1), Decimal("499.99")),
            Order(silent, days_ago(90, beside=-TICK), Decimal(1000)),
            *(Order(low, days_ago(200 + n), Decimal(20), coupon=n < 4) for n in range(5)),
            Order(low, days_ago(50), Decimal("99.99"), coupon=True),
        ]
    )
    add_acts(
        [
            *[Act(high, days_ago(7), "open")] * 3,
            *[Act(potential, days_ago(7))] * 5,
            *[Act(claims, days_ago(30 - 25), "coupon_claim")] * 5,
            Act(low, days_ago(60)),
        ]
    )
    return {
        "new": new,
        "high_value": high,
        "potential": potential,
        "silent": silent,
        "low_value": low,
        "claims": claims,
        "regular": regular,
    }


def test_every_tier_occurs_at_the_edge_of_its_rule() -> None:
    people = one_of_each()
    result = retier(as_of=AS_OF)
    assert {name: tier_of(member) for name, member in people.items()} == {
        **{name: name for name in people},
        "claims": "low_value",
    }
    assert result.by_tier == {"new": 1, "high_value": 1, "potential": 1, "silent": 1, "low_value": 2, "regular": 1}
    assert (result.kind, result.members, result.moved) == ("full", 7, 7)


def test_a_microsecond_beside_the_edge_the_rule_no_longer_holds() -> None:
    new, high, silent = make_members([days_ago(7, beside=-TICK), days_ago(60), days_ago(90, beside=TICK)])
    add_orders([Order(high, days_ago(30, beside=-TICK), Decimal(500))])
    add_acts([Act(high, days_ago(1), "open")] * 3)
    retier(as_of=AS_OF)
    assert [tier_of(member) for member in (new, high, silent)] == ["regular"] * 3


def test_the_first_tier_that_matches_wins() -> None:
    (member,) = make_members([days_ago(100)])
    add_orders([Order(member, days_ago(3), Decimal(600))])
    add_acts([Act(member, days_ago(1))] * 5)
    retier(as_of=AS_OF)
    assert tier_of(member) == "high_value"
    changed = [replace(each, position=25 if each.code == "potential" else each.position + 10) for each in drafts()]
    swapped = [replace(each, position=5) if each.code == "potential" else each for each in changed]
    update_tier_definitions(tiers=swapped, reason="order", by=None)
    retier(as_of=AS_OF)
    assert tier_of(member) == "potential"


def test_a_refund_takes_spend_away_at_its_own_date() -> None:
    (member,) = make_members([days_ago(100)])
    add_orders([Order(member, days_ago(3), Decimal(600)), Order(member, days_ago(2), Decimal("-100.01"), sold=False)])
    add_acts([Act(member, days_ago(1))] * 5)
    retier(as_of=AS_OF)
    standing = MemberStanding.objects.get(pk=member)
    assert (standing.tier, standing.frequency, standing.monetary) == ("potential", 1, Decimal("499.99"))


def test_whoever_becomes_known_later_is_not_in_the_run() -> None:
    later, fact_later, unknown = make_members([AS_OF, None, None])
    add_orders([Order(fact_later, AS_OF, Decimal(10))])
    Member.objects.filter(pk=unknown).update(created_at=AS_OF - DAY)
    assert retier(as_of=AS_OF).members == 1
    assert retier(as_of=AS_OF + TICK).members == 3
    assert tier_of(later) == "new"


def test_a_second_run_at_the_same_moment_moves_nobody() -> None:
    one_of_each()
    retier(as_of=AS_OF)
    again = retier(as_of=AS_OF)
    assert again.moved == 0
    assert TierChange.objects.count() == 7


def test_an_earlier_moment_is_refused_and_writes_nothing() -> None:
    one_of_each()
    retier(as_of=AS_OF)
    with pytest.raises(AsOfTooEarly):
        retier(as_of=AS_OF - TICK)
    assert TierRun.objects.count() == 1


def test_fixed_thresholds_score_at_their_edges() -> None:
    best, worst = make_members([None, None])
    add_orders(
        [
            *(Order(best, days_ago(7, beside=-DAY + TICK), Decimal(250)) for _n in range(4)),
            Order(worst, days_ago(95), Decimal("9.99")),
        ]
    )
    rfm = RfmRule(
        method="fixed",
        recency_days=(90, 60, 30, 7),
        frequency=(2, 3, 4, 5),
        monetary=(Decimal(10), Decimal(100), Decimal(500), Decimal(1000)),
    )
    update_tier_definitions(tiers=[], rfm=rfm, reason="fixed", by=None)
    retier(as_of=AS_OF)
    standings = MemberStanding.objects.in_bulk()
    assert [(s.r, s.f, s.m) for s in (standings[best], standings[worst])] == [(5, 4, 5), (1, 1, 1)]


def test_preview_says_exactly_what_then_happens() -> None:
    people = one_of_each()
    retier(as_of=AS_OF)
    tiers = _with_criterion("high_value", "spend", window_days=60, value=Decimal(400))
    before = list(MemberStanding.objects.order_by("pk").values())
    preview = preview_definitions(definitions=proposed(tiers=tiers))
    assert list(MemberStanding.objects.order_by("pk").values()) == before
    assert (preview.reread, preview.moved, preview.members) == (True, 1, 7)
    assert [(m.from_tier, m.to_tier, m.members, m.revenue_30d) for m in preview.moves if m.from_tier != m.to_tier] == [
        ("potential", "high_value", 1, Decimal("499.99"))
    ]
    update_tier_definitions(tiers=tiers, reason="more", by=None)
    result = retier(as_of=AS_OF)
    assert (result.kind, result.moved, result.by_tier) == (
        "full",
        1,
        dict.fromkeys(result.by_tier, 0) | preview.by_tier(after=True),
    )
    assert tier_of(people["potential"]) == "high_value"


def test_preview_with_the_same_windows_reads_only_standings() -> None:
    one_of_each()
    retier(as_of=AS_OF)
    preview = preview_definitions(
        definitions=proposed(tiers=_with_criterion("high_value", "spend", value=Decimal(499)))
    )
    assert (preview.reread, preview.moved) == (False, 1)


def _with_criterion(code: str, measure: str, **changes: object) -> list:
    (draft,) = [each for each in drafts() if each.code == code]
    criteria = tuple(replace(each, **changes) if each.measure == measure else each for each in draft.criteria)
    return [replace(draft, criteria=criteria)]


def test_update_records_old_and_new_with_the_reason() -> None:
    by = User.objects.create(username="lin")
    update_tier_definitions(tiers=_with_criterion("high_value", "spend", value=Decimal(600)), reason="秋季", by=by)
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.reason, entry.actor_label) == ("segments.tier.update", "秋季", "lin")
    assert entry.changes["criteria"] == [
        ["1: spend/30 >= 500.00", "1: interactions/7 >= 3.00"],
        ["1: spend/30 >= 600.00", "1: interactions/7 >= 3.00"],
    ]


def test_update_without_reason_is_refused() -> None:
    with pytest.raises(ReasonMissing):
        update_tier_definitions(tiers=_with_criterion("high_value", "spend", value=Decimal(600)), reason=" ", by=None)
    assert current_definitions().tiers[1].criteria[0].value == 500


@pytest.mark.parametrize(
    "criteria",
    [
        (),
        (
            CriterionRule(measure="spend", window_days=30, operator=">=", value=Decimal(500)),
            CriterionRule(measure="spend", window_days=30, operator="<", value=Decimal(500)),
        ),
        (
            CriterionRule(measure="orders", window_days=7, operator=">=", value=Decimal(3)),
            CriterionRule(measure="orders", window_days=30, operator="<", value=Decimal(3)),
        ),
        (CriterionRule(measure="coupon_share", window_days=30, operator=">=", value=Decimal("100.01")),),
        (CriterionRule(measure="orders", window_days=30, operator="<", value=Decimal(0)),),
        (CriterionRule(measure="orders", window_days=0, operator=">=", value=Decimal(1)),),
        (CriterionRule(measure="registered_days", window_days=7, operator=">=", value=Decimal(1)),),
        (CriterionRule(measure="r", operator=">", value=Decimal(5)),),
        (CriterionRule(measure="orders", operator=">=", value=Decimal("1.5")),),
        (CriterionRule(measure="luck", operator=">=", value=Decimal(1)),),
        (CriterionRule(measure="orders", operator="; DROP TABLE", value=Decimal(1)),),
        (CriterionRule(measure="orders", operator=">=", value=Decimal("NaN")),),
    ],
)
def test_definitions_that_cannot_work_are_refused(criteria: tuple) -> None:
    (draft,) = [each for each in drafts() if each.code == "high_value"]
    with pytest.raises(DefinitionsInvalid) as refused:
        proposed(tiers=[replace(draft, criteria=criteria)])
    assert list(refused.value.fields) == ["high_value"]


def test_a_tier_given_twice_is_refused_with_one_sentence() -> None:
    (draft,) = [each for each in drafts() if each.code == "high_value"]
    with pytest.raises(DefinitionsInvalid) as refused:
        proposed(tiers=[draft, replace(draft, name_en="Another")])
    assert {code: len(said) for code, said in refused.value.fields.items()} == {"high_value": 1}


def test_two_tiers_with_one_place_are_refused() -> None:
    (draft,) = [each for each in drafts() if each.code == "high_value"]
    with pytest.raises(DefinitionsInvalid) as refused:
        proposed(tiers=[replace(draft, position=10)])
    assert sorted(refused.value.fields) == ["high_value", "new"]


@pytest.mark.parametrize("recency", [(7, 30, 60, 90), (90, 60, 30), (90, 60, 60, 7)])
def test_thresholds_that_do_not_rise_are_refused(recency: tuple[int, ...]) -> None:
    rfm = RfmRule(method="fixed", recency_days=recency, frequency=(2, 3, 4, 5), monetary=tuple(map(Decimal, range(4))))
    with pytest.raises(DefinitionsInvalid):
        proposed(tiers=[], rfm=rfm)


def test_explanation_says_why_and_what_is_missing() -> None:
    people = one_of_each()
    retier(as_of=AS_OF)
    found = explain(people["potential"])
    assert found is not None
    assert found.reason is not None
    assert [(f.criterion.measure, f.actual, f.holds) for f in found.reason.nearest] == [
        ("spend", Decimal("499.99"), True),
        ("browses", Decimal(5), True),
    ]
    assert [(v.code, [f.missing for f in v.nearest]) for v in found.nearer if v.code == "high_value"] == [
        ("high_value", [Decimal("0.01"), Decimal(0)])
    ]
    assert explain(0) is None


def test_run_without_definitions_explains_nothing_and_fails_nothing() -> None:
    people = one_of_each()
    retier(as_of=AS_OF)
    TierRun.objects.update(definitions={})
    assert explain(people["potential"]) is None
    assert [change.reason for change in tier_history(people["potential"])] == [None]


def test_history_keeps_the_evidence_of_the_moment() -> None:
    people = one_of_each()
    retier(as_of=AS_OF)
    add_orders([Order(people["potential"], days_ago(1), Decimal("0.01"))])
    add_acts([Act(people["potential"], days_ago(1))] * 3)
    retier(as_of=AS_OF + TICK)
    latest, first = tier_history(people["potential"])
    assert (latest.from_tier, latest.to_tier, latest.at) == ("potential", "high_value", AS_OF + TICK)
    assert [(f.criterion.measure, f.actual) for f in latest.reason.nearest] == [
        ("spend", Decimal(500)),
        ("interactions", Decimal(3)),
    ]
    assert (first.from_tier, first.to_tier) == ("", "potential")
    assert MemberStanding.objects.get(pk=people["potential"]).tier_since == AS_OF + TICK
    assert MemberStanding.objects.get(pk=people["silent"]).tier_since == AS_OF


def test_flow_between_two_moments_counts_people_and_revenue() -> None:
    people = one_of_each()
    retier(as_of=AS_OF)
    add_orders([Order(people["regular"], AS_OF + DAY, Decimal(300)), Order(people["high_value"], AS_OF, Decimal(7))])
    add_acts([Act(people["regular"], AS_OF + DAY)] * 5)
    retier(as_of=AS_OF + 2 * DAY)
    retier(as_of=AS_OF + 40 * DAY)
    flow = tier_flow(start=AS_OF, end=AS_OF + 2 * DAY)
    assert FlowCell(from_tier="regular", to_tier="potential", members=1, revenue=Decimal(300)) in flow
    assert sum(cell.members for cell in flow) == 7
    assert sum(cell.revenue for cell in flow) == 307
    cell = members_in_flow(start=AS_OF, end=AS_OF + 2 * DAY, from_tier="regular", to_tier="potential")
    assert [member.pk for member in cell] == [people["regular"]]
    assert {c.from_tier for c in tier_flow(start=AS_OF - DAY, end=AS_OF)} == {""}
    assert {(c.from_tier, c.to_tier) for c in tier_flow(start=AS_OF, end=AS_OF) if c.from_tier != c.to_tier} == set()


def test_snapshots_and_overview_show_people_movement_and_value() -> None:
    people = one_of_each()
    retier(as_of=AS_OF)
    retier(as_of=AS_OF + 30 * DAY)
    run, figures = tier_overview()
    by_code = {each.tier.code: each for each in figures}
    assert run is not None
    assert run.members == 7
    high = by_code["high_value"]
    assert (high.members, high.members_before, high.change, high.left) == (0, 1, -1, 1)
    low = by_code["low_value"]
    assert (low.members, low.share) == (1, Decimal("14.3"))
    assert low.lifetime_value == Decimal("199.99")
    series = tier_series(since=AS_OF.date(), until=(AS_OF + 31 * DAY).date())
    assert len({each.day for each in series}) == 2
    assert tier_of(people["claims"]) == "regular"
    assert TierSnapshot.objects.get(tier="new", day=series[0].day).joined == 1


def test_goals_have_a_value_or_a_reason() -> None:
    newcomers = make_members([days_ago(45), days_ago(45), days_ago(31), days_ago(30)])
    add_orders(
        [
            Order(newcomers[0], days_ago(45) + 30 * DAY - TICK, Decimal(10)),
            Order(newcomers[1], days_ago(45) + 30 * DAY, Decimal(10)),
            Order(newcomers[2], days_ago(31) - TICK, Decimal(10)),
        ]
    )
    retier(as_of=AS_OF)
    progress = {each.goal: each for each in measure_goals()}
    assert (progress["first_purchase"].value, progress["first_purchase"].sample) == (Decimal("33.33"), 3)
    assert {goal: each.reason for goal, each in progress.items() if each.value is None} == {
        "order_value": "no_history",
        "conversion": "no_history",
        "repurchase": "no_history",
        "marginal_cost": "no_costs",
    }
    assert measure_goals() == []
    assert GoalProgress.objects.count() == 5


def test_a_change_that_no_column_holds_is_the_greatest_that_one_does() -> None:
    Tier.objects.filter(code="high_value").update(goal="order_value")
    before, now = make_members([days_ago(200), days_ago(200)])
    for member, start in ((before, 60), (now, 30)):
        add_orders([Order(member, days_ago(start + 1), Decimal(600))])
        add_acts([Act(member, days_ago(start + 1))] * 3)
        retier(as_of=days_ago(start))
    add_orders([Order(before, days_ago(45), Decimal("0.01")), Order(now, days_ago(5), Decimal(2_000_000))])
    retier(as_of=AS_OF)
    high = next(each for each in measure_goals() if each.tier == "high_value")
    high.refresh_from_db()
    assert (high.before, high.now, high.value) == (Decimal("0.01"), Decimal(2_000_000), Decimal("9999999999.99"))


def test_goals_compare_two_windows_of_those_in_the_tier_when_each_began() -> None:
    Tier.objects.filter(code="high_value").update(goal="order_value")
    one, two = make_members([days_ago(200), days_ago(200)])
    for start in (60, 30):
        add_orders([Order(one, days_ago(start + 1), Decimal(600)), Order(two, days_ago(start + 1), Decimal(600))])
        add_acts([Act(one, days_ago(start + 1))] * 3)
        retier(as_of=days_ago(start))
    add_orders([Order(one, days_ago(5), Decimal(780)), Order(two, days_ago(5), Decimal(9999))])
    retier(as_of=AS_OF)
    progress = {each.tier: each for each in measure_goals()}
    high = progress["high_value"]
    assert (high.before, high.now, high.value, high.sample) == (Decimal(600), Decimal(780), Decimal(30), 1)
