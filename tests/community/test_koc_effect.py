"""The effect of KOC: against a simulated truth, by hand for a few, and from the tables to the page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from community.enums.koc import Outcome, Treated
from community.models import EffectFigure, EffectRun, Koc, KocEffect, KocSettings, ParticipantDay
from community.rules.koc_effect import (
    NO_CONTROL,
    NO_MATCH,
    NOTHING,
    TOO_FEW,
    Array,
    Effect,
    Matches,
    Side,
    beside,
    effect_of,
    match,
    relative,
    student,
)
from community.rules.koc_effect_sql import pool_sql
from community.selectors.koc_effects import beside_matched, findings, latest_measurement
from community.services import koc_effects, kocs
from community.services.koc_effects import ask_to_measure, measure, measure_if_due
from members.models import Member
from tests.community.koc_cast import DAY, NOW, active, group, joined, marketer, people
from timeline.models import PurchaseDay

TRUTH = 60.0
RUNS = 200
#: 95 % of 200 are 190; a binomial count lies within 180 and 199 in more than 99.8 of 100 such tests. The seeds are
#: fixed, so that it lies where it lies.
LEAST, MOST = 180, 199


def brand(seed: int, *, effect: float = TRUTH, members: int = 1500) -> tuple[Side, Side]:
    """Members who buy and talk by a hidden taste; the more they did before, the likelier they are chosen.

    What they buy afterwards leans back to the mean and has a season of its own; being a KOC adds an amount that
    differs from one to the next, `effect` on average.
    """
    draw = np.random.default_rng(seed)
    taste, talk = draw.gamma(1.2, 1.0, members), draw.gamma(0.8, 1.0, members)
    tenure = draw.uniform(30, 700, members)
    orders, messages = draw.poisson(1.4 * taste), draw.poisson(25 * talk)
    before = orders * draw.gamma(4, 35, members)
    chance = 1 / (1 + np.exp(4.2 - 0.35 * orders - 0.025 * messages - 0.0008 * tenure))
    chosen = draw.random(members) < chance
    after = draw.poisson(0.9 * taste + 0.125 * talk + 0.25) * draw.gamma(4, 35, members)
    after = np.where(chosen, after + effect * draw.gamma(2, 0.5, members), after)
    covariates = np.column_stack([np.log1p(before), np.log1p(orders), np.log1p(messages), np.log(tenure)])
    numbers, tier = np.arange(members), np.digitize(before, [1, 200, 500])

    def side(rows: Array) -> Side:
        return Side(
            covariates=covariates[rows],
            stratum=tier[rows],
            cluster=numbers[rows],
            before=before[rows],
            after=after[rows],
        )

    return side(chosen), side(~chosen)


def measured(seed: int, effect: float = TRUTH) -> Effect:
    treated, control = brand(seed, effect=effect)
    return effect_of(treated, control, match(treated, control))


def runs() -> Iterator[Effect]:
    for seed in range(RUNS):
        yield measured(seed)


@pytest.mark.slow
def test_interval_covers_the_truth_in_95_percent_of_200_runs() -> None:
    found = list(runs())
    covered = sum(each.low <= TRUTH <= each.high for each in found if each.low is not None and each.high is not None)
    assert LEAST <= covered <= MOST
    middle = float(np.mean([each.effect for each in found if each.effect is not None]))
    assert abs(middle - TRUTH) < 10
    assert not any(each.reason for each in found)


@pytest.mark.slow
def test_no_effect_is_found_in_about_one_of_twenty() -> None:
    found = [measured(seed, effect=0.0) for seed in range(1000, 1100)]
    told = sum(not each.low <= 0 <= each.high for each in found if each.low is not None and each.high is not None)
    assert told <= 11


def test_a_comparison_without_matching_would_be_wrong() -> None:
    """Whoever is chosen bought much before and leans back to the mean: the plain difference misses by far."""
    treated, control = zip(*(brand(seed) for seed in range(40)), strict=True)
    plain = [mine.change.mean() - others.change.mean() for mine, others in zip(treated, control, strict=True)]
    assert abs(float(np.mean(plain)) - TRUTH) > 40


# --- by hand ---


def few(count: int, *, at: float, before: float, after: float, stratum: int = 0, first: int = 0) -> Side:
    numbers = np.arange(first, first + count)
    return Side(
        covariates=np.column_stack([np.full(count, at), np.zeros(count)]),
        stratum=np.full(count, stratum),
        cluster=numbers,
        before=np.full(count, before),
        after=np.full(count, after),
    )


def test_difference_in_differences_of_twins() -> None:
    treated, control = few(10, at=1, before=100, after=180), few(10, at=1, before=100, after=120, first=50)
    found = effect_of(treated, control, match(treated, control))
    assert [found.effect, found.low, found.high] == pytest.approx([60.0, 60.0, 60.0])
    assert [found.before, found.after, found.control_before, found.control_after] == pytest.approx([100, 180, 100, 120])
    assert (found.people, found.matched) == (10, 10)
    assert relative(found) == pytest.approx((0.5, 0.5, 0.5))


def test_only_the_same_stratum_within_the_caliper_is_matched() -> None:
    treated = few(9, at=1, before=1, after=2)
    assert match(treated, few(9, at=1, before=1, after=2, stratum=1)).found.size == 0
    far = few(9, at=5, before=1, after=2)
    assert match(treated, far).found.size == 0
    assert match(treated, few(9, at=1, before=1, after=2)).found.size == 9


def test_too_few_or_nobody_alike_is_said_instead_of_a_figure() -> None:
    treated = few(5, at=1, before=1, after=2)
    control = few(9, at=1, before=1, after=2, first=50)
    assert effect_of(treated, control, match(treated, control)).reason == TOO_FEW
    other = few(9, at=1, before=1, after=2, stratum=7)
    assert effect_of(treated, other, match(treated, other)).reason == NO_MATCH
    empty = Side(
        covariates=np.empty((0, 2)),
        stratum=np.empty(0, dtype=int),
        cluster=np.empty(0, dtype=int),
        before=np.empty(0),
        after=np.empty(0),
    )
    assert effect_of(empty, control, match(empty, control)).reason == TOO_FEW
    assert effect_of(treated, empty, match(treated, empty)).reason == NO_CONTROL
    still = few(9, at=1, before=0, after=0)
    assert effect_of(still, still, match(still, still)).reason == NOTHING


def test_one_cluster_widens_the_interval() -> None:
    """Members of a group move together: ten groups of ten tell less than a hundred people."""
    draw = np.random.default_rng(3)
    shocks = np.repeat(draw.normal(0, 10, 10), 10)
    treated = Side(
        covariates=np.arange(100.0)[:, None],
        stratum=np.zeros(100, dtype=int),
        cluster=np.arange(100),
        before=np.zeros(100),
        after=shocks,
    )
    control = replace(treated, after=np.repeat(draw.normal(0, 10, 10), 10), cluster=np.arange(200, 300))
    pairs = match(treated, control)
    groups = np.repeat(np.arange(10), 10)
    alone = effect_of(treated, control, pairs)
    together = effect_of(replace(treated, cluster=groups), replace(control, cluster=groups + 20), pairs)
    assert alone.high is not None
    assert alone.low is not None
    assert together.high is not None
    assert together.low is not None
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_beside_names_each_with_her_own_matches() -> None:
    control = few(3, at=1, before=10, after=20)
    pairs = Matches(np.array([0, 0, 2]), np.array([0, 1, 2]))
    assert list(beside(control, pairs)) == [(0, 2, 10.0, 20.0), (2, 1, 10.0, 20.0)]


@pytest.mark.parametrize(("degrees", "quantile"), [(5, 2.571), (10, 2.228), (30, 2.042), (10_000, 1.960)])
def test_student_quantiles(degrees: int, quantile: float) -> None:
    assert abs(student(degrees) - quantile) < 0.005


def test_nothing_would_have_been_has_no_share() -> None:
    found = Effect(people=9, matched=9, controls=9, before=0, after=3, effect=3, low=2, high=4)
    assert relative(found) is None
    assert relative(Effect(people=0, matched=0, controls=0, reason=TOO_FEW)) is None


# --- from the tables ---


def lived(count: int, *, after: int, koc: bool) -> list[Member]:
    """Members of one group who bought for 100 before a day 40 days ago, and for so much after it."""
    own = group()
    members = people(count)
    began = NOW - 40 * DAY
    for member in members:
        Member.objects.filter(pk=member.pk).update(registered_at=NOW - 300 * DAY)
        participant = joined(own, member, since=NOW - 200 * DAY)
        ParticipantDay.objects.create(
            participant=participant, group=own, day=(began - 10 * DAY).date(), messages=20, mentioned=0
        )
        for days, amount in ((-10, 100), (10, after)):
            day = timezone.localtime(began + days * DAY).date()
            PurchaseDay.objects.create(
                member=member, day=day, orders=1, coupon_orders=0, amount=Decimal(amount + member.pk % 3)
            )
        if koc:
            active(member, now=began)
    return members


@pytest.mark.django_db
def test_measurement_from_the_tables() -> None:
    chosen = lived(12, after=260, koc=True)
    lived(30, after=180, koc=False)
    active(now=NOW - DAY)
    run = measure(by=marketer(), now=NOW)
    assert (run.observed, run.not_due, run.days) == (12, 1, 30)
    spend = EffectFigure.objects.get(run=run, treated=Treated.KOC, outcome=Outcome.SPEND)
    assert (spend.people, spend.matched, spend.reason) == (12, 12, "")
    assert spend.effect == pytest.approx(80, abs=2)
    assert spend.low is not None
    assert spend.high is not None
    assert spend.low <= 80 <= spend.high
    ugc = EffectFigure.objects.get(run=run, treated=Treated.KOC, outcome=Outcome.UGC)
    assert (ugc.effect, ugc.reason) == (None, NOTHING)
    rows = beside_matched(Koc.objects.get(member=chosen[0]))
    assert [row.outcome for row in rows] == [Outcome.SPEND, Outcome.ORDERS, Outcome.UGC]
    assert (rows[0].controls, rows[0].after - rows[0].before) == (3, 160)
    assert KocEffect.objects.filter(run=run).count() == 36


@pytest.mark.django_db
def test_members_around_koc_are_compared_with_groups_that_have_none() -> None:
    own = group()
    koc, *others = people(12)
    for member in (koc, *others):
        joined(own, member, since=NOW - 200 * DAY)
        _bought(member, after=180)
    active(koc, now=NOW - 40 * DAY)
    for _each in range(10):
        elsewhere = group()
        for member in people(2):
            joined(elsewhere, member, since=NOW - 200 * DAY)
            _bought(member, after=100)
    measure(by=None, now=NOW)
    run = latest_measurement()
    assert run is not None
    found = {each.figure.outcome: each for each in findings(run)[Treated.GROUPS]}
    spend = found[Outcome.SPEND].figure
    assert (spend.people, spend.reason) == (11, TOO_FEW)


@pytest.mark.django_db
def test_who_was_a_koc_once_is_never_a_control_though_she_is_asked_again() -> None:
    former, again, merged = people(3)
    own = group()
    never = people(2)
    for member in (former, again, *never):
        joined(own, member, since=NOW - 200 * DAY)
    for member in (former, again):
        koc = active(member, now=NOW - 150 * DAY)
        kocs.leave(koc=koc, by=None, now=NOW - 140 * DAY, reason="搬家")
    joined(own, merged, since=NOW - 200 * DAY)
    Member.objects.filter(pk=merged.pk).update(merged_into=former)
    kocs.invite(member=again, by=None, now=NOW)
    run = measure(by=None, now=NOW)
    assert (run.observed, run.not_due) == (2, 0)
    with connection.cursor() as cursor:
        statement = f"SELECT member_id FROM ({pool_sql(Treated.KOC)}) AS pool ORDER BY 1"  # of ours
        cursor.execute(statement, {"zone": "Asia/Shanghai"})
        assert [number for (number,) in cursor.fetchall()] == sorted(member.pk for member in never)


@pytest.mark.django_db(transaction=True)
def test_matching_holds_no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def looked_at(mine: Side, others: Side) -> Matches:
        held.append(connection.in_atomic_block)
        return match(mine, others)

    monkeypatch.setattr(koc_effects, "match", looked_at)
    measure(by=None, now=NOW)
    assert held == [False, False]


@pytest.mark.django_db
def test_nothing_to_measure_is_said() -> None:
    run = measure(by=None, now=NOW)
    assert run.observed == 0
    reasons = set(EffectFigure.objects.filter(run=run).values_list("reason", flat=True))
    assert reasons == {TOO_FEW}
    assert EffectFigure.objects.filter(run=run).count() == 8


@pytest.mark.django_db
def test_it_is_measured_once_a_week_and_when_asked() -> None:
    assert measure_if_due(now=NOW) is not None
    assert measure_if_due(now=NOW + timedelta(days=6)) is None
    ask_to_measure(by=marketer(), now=NOW + timedelta(days=6))
    asked = measure_if_due(now=NOW + timedelta(days=6))
    assert asked is not None
    assert asked.by == marketer()
    assert KocSettings.objects.get().effect_asked_at is None
    assert measure_if_due(now=NOW + timedelta(days=14)) is not None
    assert EffectRun.objects.count() == 3


def _bought(member: Member, *, after: int) -> None:
    began = NOW - 40 * DAY
    Member.objects.filter(pk=member.pk).update(registered_at=NOW - 300 * DAY)
    for days, amount in ((-10, 100), (10, after)):
        day = timezone.localtime(began + days * DAY).date()
        PurchaseDay.objects.create(member=member, day=day, orders=1, coupon_orders=0, amount=Decimal(amount))
