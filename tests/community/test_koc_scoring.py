"""KOC scores: the curve, the statement against the same arithmetic in Python, what moved, and the weights."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from community.enums.koc import Fact, Part
from community.errors.koc import ReasonMissing, WeightsNotValid
from community.models import Group, KocScore, KocSettings, ScoreRun, ScoreScale, ScoreWeights, Stay
from community.rules.koc_facts_sql import HERSELF, PEOPLE, RELATIONS, SPEAKERS
from community.rules.koc_scoring import FACTS, PARTS, Scale, Scored, Weighing, changes_of, points_of, score, strongest
from community.selectors.koc_preview import preview
from community.selectors.koc_scores import (
    moves_of,
    next_candidates,
    target,
    weighing_of,
    weights_in_force,
)
from community.services.koc_scoring import ask_for_scores, midnight, score_everybody, score_if_due
from community.services.koc_weights import draft_in_force, save_weights
from compliance.models import ContactStatus
from members.models import Member
from tests.assessments import assess
from tests.community.chats import brought
from tests.community.koc_cast import (
    DAY,
    NOW,
    active,
    group,
    joined,
    marketer,
    people,
    person,
    scored,
    spoke,
    talked,
)
from timeline.models import PurchaseDay
from timeline.services import TouchIn, make_months, record_touches

WEIGHING = Weighing(
    version=1,
    weights={Part.INFLUENCE: 30, Part.UGC: 25, Part.PURCHASES: 15, Part.REFERRALS: 20, Part.CONSISTENCY: 10},
    scales={fact: Scale(Decimal(10), 1) for fact in FACTS if fact != Fact.WEEKS},
    window_days=90,
)


def facts(**values: int) -> list[int]:
    return [values.get(fact.value, 0) for fact in FACTS]


def value(row: KocScore, fact: Fact) -> int:
    return row.facts[FACTS.index(fact)]


# --- the curve ---


def test_points_half_way_and_further() -> None:
    scale = Scale(Decimal(20), 1)
    assert [round(points_of(count, scale), 1) for count in (0, 20, 40, 60, 10**9)] == [0.0, 50.0, 75.0, 87.5, 100.0]
    assert points_of(-5, scale) == 0.0
    assert points_of(2_000, scale, money=True) == 50.0


@given(st.lists(st.integers(-(10**12), 10**12), min_size=len(FACTS), max_size=len(FACTS)))
def test_a_score_lies_between_0_and_100_and_is_the_mean_of_its_parts(values: list[int]) -> None:
    found = score(WEIGHING, values)
    assert all(0 <= part <= 100 for part in found.parts)
    whole = sum(WEIGHING.weights[part] * points for part, points in zip(PARTS, found.parts, strict=True))
    assert abs(found.total - whole / 100) <= Decimal("0.05")


def test_changes_say_which_part_moved_and_why() -> None:
    before, now = score(WEIGHING, facts(messages=10, orders=10)), score(WEIGHING, facts(messages=10, answered=10))
    changes = changes_of(before, now, WEIGHING, WEIGHING)
    assert [(change.part, change.points, list(change.facts)) for change in changes] == [
        (Part.INFLUENCE, Decimal("5.0"), [(Fact.ANSWERED, 0, 10)]),
        (Part.PURCHASES, Decimal("-3.8"), [(Fact.ORDERS, 10, 0)]),
    ]


def test_changes_of_weights_are_told_apart() -> None:
    heavier = replace(WEIGHING, weights={**WEIGHING.weights, Part.INFLUENCE: 130})
    row = Scored(total=Decimal(0), parts=[Decimal(50)] + [Decimal(0)] * 4, facts=facts(messages=10))
    (change,) = changes_of(row, row, WEIGHING, heavier)
    assert (change.part, change.by_weight, list(change.facts)) == (Part.INFLUENCE, True, [])
    assert change.points == Decimal("17.5")


def test_strongest_facts_come_first_and_nothing_is_no_reason() -> None:
    found = strongest(WEIGHING, facts(messages=1, referred=50, weeks=13), 2)
    assert found == [(Fact.WEEKS, 13), (Fact.REFERRED, 50)]
    assert strongest(WEIGHING, facts(), 3) == []


# --- the statement ---


@pytest.mark.django_db
def test_scores_count_what_groups_and_the_timeline_keep() -> None:
    make_months(today=NOW.date())
    first, second = group(), group()
    lively, quiet, friend, newcomer = people(4)
    one, other = joined(first, lively), joined(second, lively)
    beside, far = joined(first, quiet), joined(first, None)
    for days_ago, who in ((1, one), (2, one), (9, other)):
        spoke(who, days_ago=days_ago, messages=10, answered=2)
    spoke(one, days_ago=0, messages=99)
    spoke(one, days_ago=91, messages=99)
    talked(one, beside, days_ago=1, times=5)
    talked(beside, one, days_ago=2)
    talked(far, one, days_ago=2)
    PurchaseDay.objects.create(
        member=lively, day=(NOW - 5 * DAY).date(), orders=2, coupon_orders=0, amount=Decimal("320.50")
    )
    rows = [
        TouchIn(line_no=place, member_id=each.pk, source="app", occurred_at=NOW - 4 * DAY, inviter_id=lively.pk)
        for place, each in enumerate((friend, newcomer))
    ]
    record_touches(rows=rows, now=NOW)
    joined(first, friend, since=NOW - 3 * DAY, inviter=one)
    row = scored(lively)
    assert {fact: value(row, fact) for fact in FACTS} == {
        Fact.MESSAGES: 30,
        Fact.ANSWERED: 6,
        Fact.REACHED: 2,
        Fact.PIECES: 0,
        Fact.USED: 0,
        Fact.ORDERS: 2,
        Fact.SPEND: 32_050,
        Fact.INVITED: 2,
        Fact.BROUGHT: 1,
        Fact.REFERRED: 0,
        Fact.WEEKS: 2,
    }
    assert row.groups == 2
    expected = score(weighing_of(weights_in_force()), row.facts)
    assert (row.total, row.parts) == (expected.total, expected.parts)
    run = ScoreRun.objects.get()
    assert (run.members, run.strangers, run.as_of) == (3, 1, midnight(NOW))
    assert not KocScore.objects.filter(pk=newcomer.pk).exists()


@pytest.mark.django_db
def test_merged_records_count_for_the_one_that_stands() -> None:
    first = group()
    owner, merged = people(2)
    participant = joined(first, merged)
    spoke(participant, messages=7)
    PurchaseDay.objects.create(member=merged, day=(NOW - 5 * DAY).date(), orders=1, coupon_orders=0, amount=10)
    Member.objects.filter(pk=merged.pk).update(merged_into=owner)
    row = scored(owner)
    assert (value(row, Fact.MESSAGES), value(row, Fact.ORDERS)) == (7, 1)
    assert KocScore.objects.count() == 1


@pytest.mark.django_db
def test_nobody_counts_for_herself_and_a_guest_with_two_records_counts_once() -> None:
    make_months(today=NOW.date())
    first, second = group(), group()
    owner, merged, guest, again = people(4)
    her, other, friend = joined(first, owner), joined(first, merged, since=NOW - 5 * DAY), joined(second, guest)
    Stay.objects.filter(participant=other).update(inviter=her)
    talked(her, other, days_ago=2)
    talked(friend, her, days_ago=2)
    rows = [
        TouchIn(line_no=place, member_id=who.pk, source="app", occurred_at=NOW - 4 * DAY, inviter_id=by.pk)
        for place, (who, by) in enumerate(((merged, owner), (owner, merged), (guest, owner), (again, merged)))
    ]
    record_touches(rows=rows, now=NOW)
    for record, into in ((merged, owner), (again, guest)):
        Member.objects.filter(pk=record.pk).update(merged_into=into)
    row = scored(owner)
    assert [value(row, fact) for fact in (Fact.INVITED, Fact.BROUGHT, Fact.REACHED)] == [1, 0, 1]


@pytest.mark.django_db
def test_members_of_many_groups_are_paired_with_themselves_within_each_alone() -> None:
    """Ten groups each of a million members would be ninety million pairs that no talk ever holds."""
    owner, merged = people(2)
    groups = [group() for _place in range(3)]
    both = {joined(groups[0], owner).pk, joined(groups[0], merged, since=NOW - 5 * DAY).pk}
    for each in groups[1:]:
        joined(each, owner)
    Member.objects.filter(pk=merged.pk).update(merged_into=owner)
    before = ", ".join(f"{name} AS ({RELATIONS[name]})" for name in (PEOPLE, SPEAKERS))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {before} SELECT one_id, other_id FROM ({RELATIONS[HERSELF]}) AS herself")
        pairs = cursor.fetchall()
    assert sorted(pairs) == sorted(permutations(both))


@pytest.mark.django_db
def test_talk_in_each_of_her_groups_counts_but_with_herself_in_none() -> None:
    owner, merged, friend = people(3)
    for place in range(2):
        chat = group()
        her, other, beside = joined(chat, owner), joined(chat, merged), joined(chat, friend)
        talked(her, other, days_ago=2)
        talked(her, beside, days_ago=2)
        spoke(her, messages=place + 1)
    Member.objects.filter(pk=merged.pk).update(merged_into=owner)
    row = scored(owner)
    assert [value(row, fact) for fact in (Fact.REACHED, Fact.MESSAGES)] == [2, 3]


@pytest.mark.django_db
def test_orders_with_her_code_count_in_any_case_but_her_own_do_not() -> None:
    make_months(today=NOW.date())
    koc = active(now=NOW - 20 * DAY)
    buyer, owner = people(1)[0], koc.member
    assert owner is not None
    for place, (who, code) in enumerate(((buyer, str(koc.referral_code).lower()), (owner, koc.referral_code))):
        _order(who, f"R{place}", str(code))
    assert value(scored(owner), Fact.REFERRED) == 1


@pytest.mark.django_db
def test_a_second_run_of_a_day_keeps_what_was_before_it() -> None:
    participant = joined(group(), people(1)[0])
    member = participant.member
    assert member is not None
    spoke(participant, days_ago=4, messages=60)
    first = scored(member)
    assert (first.before_total, moves_of(first)) == (None, [])
    spoke(participant, days_ago=2, messages=60)
    again = scored(member)
    assert (again.before_total, again.total > first.total) == (None, True)
    score_everybody(by=None, now=NOW + DAY)
    spoke(participant, days_ago=1, messages=500)
    score_everybody(by=None, now=NOW + DAY)
    last = KocScore.objects.select_related("run__weights", "before_run__weights").get(pk=member.pk)
    assert last.before_total == again.total
    assert [change.part for change in moves_of(last)] == [Part.INFLUENCE]


@pytest.mark.django_db
def test_whoever_leaves_every_group_loses_the_score() -> None:
    participant = joined(group(), people(1)[0])
    score_everybody(by=None, now=NOW)
    participant.stays.update(left_at=NOW, left_how="left")
    score_everybody(by=None, now=NOW)
    assert KocScore.objects.count() == 0


@pytest.mark.django_db
def test_score_does_not_fall_by_days_that_nobody_told_of(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    one, closed = group(), group()
    member, other = people(2)
    her, friend, there = joined(one, member), joined(one, other), joined(closed, member)
    for days_ago in (35, 95):
        spoke(her, days_ago=days_ago)
        spoke(there, days_ago=days_ago, messages=1)
        talked(her, friend, days_ago=days_ago)
    for chat in (one, closed):
        brought(chat, NOW - 30 * DAY)
    Group.objects.filter(pk=closed.pk).update(state="closed", closed_on=NOW.date())
    row = scored(member)
    found = {fact: value(row, fact) for fact in (Fact.MESSAGES, Fact.REACHED, Fact.WEEKS)}
    assert found == {Fact.MESSAGES: 21, Fact.REACHED: 1, Fact.WEEKS: 3}


@pytest.mark.django_db
def test_chat_that_nobody_tells_of_any_more_counts_less_after_one_window(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    one = group()
    (member,) = people(1)
    her = joined(one, member, since=NOW - 300 * DAY)
    spoke(her, days_ago=150)
    spoke(her, days_ago=190)
    brought(one, NOW - 140 * DAY)
    assert value(scored(member), Fact.MESSAGES) == 10


@pytest.mark.django_db
def test_whose_data_may_only_be_stored_is_not_scored() -> None:
    participant, other = (joined(group(), member) for member in people(2))
    score_everybody(by=None, now=NOW)
    ContactStatus.objects.create(member=participant.member, restricted_at=NOW)
    run = score_everybody(by=None, now=NOW)
    assert [row.member_id for row in KocScore.objects.all()] == [other.member_id]
    assert run.members == 1


@pytest.mark.django_db
def test_scoring_takes_as_many_statements_for_many_as_for_one() -> None:
    first = group()
    joined(first, people(1)[0])
    with CaptureQueriesContext(connection) as few:
        score_everybody(by=None, now=NOW)
    for member in people(20):
        spoke(joined(first, member))
    with CaptureQueriesContext(connection) as many:
        score_everybody(by=None, now=NOW)
    assert len(many) == len(few)
    assert KocScore.objects.count() == 21


@pytest.mark.django_db
def test_the_day_has_one_run_unless_somebody_asks() -> None:
    joined(group(), people(1)[0])
    assert score_if_due(now=NOW) is not None
    assert score_if_due(now=NOW + timedelta(hours=1)) is None
    assess("koc_scoring", now=NOW - DAY)
    ask_for_scores(by=marketer(), now=NOW + timedelta(hours=2))
    ask_for_scores(by=person("other"), now=NOW + timedelta(hours=2))
    run = score_if_due(now=NOW + timedelta(hours=3))
    assert run is not None
    assert run.by == marketer()
    assert KocSettings.objects.get().score_asked_at is None
    assert score_if_due(now=NOW + DAY) is not None


# --- candidates and the share ---


@pytest.mark.django_db
def test_target_is_a_share_of_members_in_groups() -> None:
    first = group()
    for member in people(30):
        joined(first, member)
    run = score_everybody(by=None, now=NOW)
    aim = target(weights_in_force(), run)
    assert (aim.members, aim.low, aim.high, aim.standing, aim.missing, aim.room) == (30, 3, 4, 0, 3, 4)


@pytest.mark.django_db
def test_candidates_leave_out_koc_minors_and_whoever_rests() -> None:
    first = group()
    best, young, taken, weak = people(4)
    for place, member in enumerate((best, young, taken)):
        spoke(joined(first, member), messages=500 - place, answered=300)
    joined(first, weak)
    Member.objects.filter(pk=young.pk).update(birthday=(NOW - 16 * 365 * DAY).date())
    active(taken)
    score_everybody(by=None, now=NOW)
    assert [row.member_id for row in next_candidates(marketer(), now=NOW, count=10)] == [best.pk]


# --- weights ---


@pytest.mark.django_db
def test_weights_that_sum_to_nothing_are_refused_with_a_sentence() -> None:
    draft = replace(draft_in_force(), weights=dict.fromkeys(PARTS, 0))
    with pytest.raises(WeightsNotValid) as refused:
        save_weights(draft=draft, reason="试一试", by=marketer(), now=NOW)
    assert list(refused.value.fields) == ["weights"]
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreWeights.objects.create(version=9, influence=0, ugc=0, purchases=0, referrals=0, consistency=0, at=NOW)
    assert ScoreWeights.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"window_days": 6}, "window_days"),
        ({"share_low": Decimal(20)}, "share_low"),
        ({"weights": {**dict.fromkeys(PARTS, 1), Part.UGC: -1}}, "ugc"),
        ({"scales": {**WEIGHING.scales, Fact.ORDERS: Scale(Decimal(0), 1)}}, "orders"),
        ({"scales": {fact: Scale(Decimal(1), 0) for fact in WEIGHING.scales}}, "influence"),
    ],
)
def test_weights_at_fault_are_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(WeightsNotValid) as refused:
        save_weights(draft=replace(draft_in_force(), **change), reason="x", by=marketer(), now=NOW)
    assert field in refused.value.fields


@pytest.mark.django_db
def test_weights_change_as_a_version_with_a_reason() -> None:
    draft = replace(draft_in_force(), weights={**draft_in_force().weights, Part.UGC: 40})
    with pytest.raises(ReasonMissing):
        save_weights(draft=draft, reason=" ", by=marketer(), now=NOW)
    saved = save_weights(draft=draft, reason="看重内容", by=marketer(), now=NOW)
    assert saved is not None
    assert (saved.version, weights_in_force().ugc, ScoreWeights.objects.get(version=1).ugc) == (2, 40, 25)
    assert ScoreScale.objects.filter(weights=saved).count() == 10
    assert save_weights(draft=draft_in_force(), reason="", by=marketer(), now=NOW) is None


@pytest.mark.django_db
def test_weights_once_set_cannot_be_changed() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        ScoreWeights.objects.update(ugc=99)


@pytest.mark.django_db
def test_preview_says_who_would_move_and_writes_nothing() -> None:
    first = group()
    speaker, buyer = people(2)
    spoke(joined(first, speaker), messages=300, answered=100)
    joined(first, buyer)
    PurchaseDay.objects.create(
        member=buyer, day=(NOW - 5 * DAY).date(), orders=9, coupon_orders=0, amount=Decimal(4000)
    )
    score_everybody(by=None, now=NOW)
    before = list(KocScore.objects.order_by("pk").values_list("pk", "total"))
    weights = {**dict.fromkeys(PARTS, 0), Part.PURCHASES: 1}
    found = preview(replace(draft_in_force(), weights=weights).weighing, places=1, user=marketer())
    assert (found.members, found.higher, found.lower, found.exchanged) == (2, 1, 1, 1)
    assert [(mover.member, mover.enters) for mover in sorted(found.movers, key=lambda each: each.place_now)] == [
        (buyer, True),
        (speaker, False),
    ]
    assert list(KocScore.objects.order_by("pk").values_list("pk", "total")) == before


def _order(member: Member, order_no: str, code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO timeline_purchase (member_id, occurred_at, amount, sold, kind, source, order_no, referral_code)"
            " VALUES (%s, %s, 100, true, 'order', 'pos', %s, %s)",
            [member.pk, NOW - 3 * DAY, order_no, code],
        )
