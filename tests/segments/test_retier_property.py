"""Whatever happens between two runs: adding up, reading everything again and an independent reckoning agree."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from members.models import Member
from segments.models import MemberStanding, TierCriterion, TierSnapshot
from segments.selectors.definitions import current_definitions
from segments.services.retier import retier
from tests.segments.conftest import wipe
from tests.segments.facts import Act, Order, add_acts, add_orders, add_touch, change_order, make_members, moment
from tests.segments.oracle import DAY, World
from timeline.services.rebuilding import read_anew

pytestmark = pytest.mark.servers

TICK = timedelta(microseconds=1)
BEGIN = moment("2026-03-01T16:00:00")
CREATED = moment("2027-01-01")
WINDOWS = (0, 1, 7, 8, 30, 90, 91, 365)
STEPS = (timedelta(0), TICK, timedelta(hours=1, minutes=7), DAY, timedelta(days=7, hours=3), timedelta(days=45))


@st.composite
def moments(draw: st.DrawFn, as_ofs: tuple[datetime, ...]) -> datetime:
    """Mostly at the very edge of a window of some run, or a microsecond beside it."""
    edge = draw(st.sampled_from(as_ofs)) - draw(st.sampled_from(WINDOWS)) * DAY
    return edge + draw(st.sampled_from((-TICK, timedelta(0), TICK, timedelta(hours=5), timedelta(days=-2))))


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[datetime, bool, list[tuple]]]:
    """Runs in order: as of when, whether a full one follows to compare, and what happened before it."""
    as_ofs = [BEGIN]
    for _run in range(draw(st.integers(1, 3))):
        as_ofs.append(as_ofs[-1] + draw(st.sampled_from(STEPS)))
    when, member = moments(tuple(as_ofs)), st.integers(0, 4)
    amount = st.sampled_from([Decimal(text) for text in ("0.01", "99.99", "100", "200", "300", "499.99", "500")])
    happening = st.one_of(
        st.tuples(st.just("member"), st.none() | when),
        st.tuples(st.just("order"), member, when, amount, st.booleans()),
        st.tuples(st.just("order"), member, when, amount, st.booleans()),
        st.tuples(st.just("refund"), member, when, amount),
        st.tuples(
            st.just("acts"), member, when, st.sampled_from(("browse", "coupon_claim", "open")), st.integers(1, 5)
        ),
        st.tuples(st.just("touch"), member, when),
        st.tuples(st.just("change"), st.integers(0, 9), when, amount, st.booleans()),
        st.tuples(st.just("register"), member, st.none() | when),
        st.tuples(st.just("leave"), member),
        st.tuples(st.just("merge"), member, member),
        st.tuples(st.just("unmerge"), member),
        st.tuples(st.just("criterion"), st.sampled_from((7, 30, 90, None)), st.sampled_from(("100", "200", "500"))),
    )
    return [
        (as_of, draw(st.booleans()), draw(st.lists(happening, min_size=0 if number else 4, max_size=8)))
        for number, as_of in enumerate(as_ofs)
    ]


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(story=stories())
def test_adding_up_equals_reading_all_again_and_an_independent_reckoning(committed: None, story: list) -> None:
    wipe()
    _criterion(World(), 30, "500")
    world = World()
    for member in make_members([None, None, BEGIN - 7 * DAY, BEGIN - 90 * DAY, BEGIN + DAY], created_at=CREATED):
        world.registered[member] = Member.objects.get(pk=member).registered_at
    for as_of, compare, happenings in story:
        for happening in happenings:
            _happen(world, *happening)
        result = retier(as_of=as_of)
        event(str(result.kind))
        assert _standings() == world.standings(current_definitions(), as_of)
        if compare:
            before = list(MemberStanding.objects.order_by("pk").values_list())
            counted = _snapshots()
            again = retier(as_of=as_of, full=True)
            assert (again.kind, again.moved) == ("full", 0)
            assert list(MemberStanding.objects.order_by("pk").values_list()) == before
            assert _snapshots() == counted


def _snapshots() -> list[tuple]:
    sums = ("day", "tier", "members", "orders_30d", "buyers_30d", "revenue_30d", "lifetime_value")
    return list(TierSnapshot.objects.order_by("day", "tier").values_list(*sums))


def _standings() -> dict[int, tuple]:
    return {
        each.pk: (each.r, each.f, each.m, each.tier, each.frequency, int(each.monetary * 100))
        for each in MemberStanding.objects.all()
    }


def _happen(world: World, what: str, *details: object) -> None:
    HAPPENINGS[what](world, *details)


def _member(world: World, registered: datetime | None) -> None:
    (member,) = make_members([registered], created_at=CREATED)
    world.registered[member] = registered


def _order(world: World, place: int, at: datetime, amount: Decimal, coupon: bool) -> None:
    order = Order(_pick(world, place), at, amount, sold=True, coupon=coupon)
    (number,) = add_orders([order])
    world.orders[number] = order


def _refund(world: World, place: int, at: datetime, amount: Decimal) -> None:
    order = Order(_pick(world, place), at, -amount, sold=False)
    (number,) = add_orders([order])
    world.orders[number] = order


def _acts(world: World, place: int, at: datetime, kind: str, count: int) -> None:
    acts = [Act(_pick(world, place), at, kind)] * count
    add_acts(acts)
    world.acts += acts


def _touch(world: World, place: int, at: datetime) -> None:
    add_touch(_pick(world, place), at)
    world.touches.append((_pick(world, place), at))


def _change(world: World, place: int, at: datetime, amount: Decimal, sold: bool) -> None:
    if world.orders:
        number = sorted(world.orders)[place % len(world.orders)]
        changed = world.orders[number]._replace(occurred_at=at, amount=amount, sold=sold)
        change_order(number, changed)
        world.orders[number] = changed


def _register(world: World, place: int, registered: datetime | None) -> None:
    member = _pick(world, place)
    Member.objects.filter(pk=member).update(registered_at=registered)
    world.registered[member] = registered


def _leave(world: World, place: int) -> None:
    """Her row goes; her facts may stay for a while."""
    member = _pick(world, place)
    if len(world.registered) > 1 and member not in {*world.owners, *world.owners.values()}:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM members_member WHERE id = %s", [member])
        del world.registered[member]


def _merge(world: World, keep: int, merge: int) -> None:
    stays, goes = (world.owners.get(each, each) for each in (_pick(world, keep), _pick(world, merge)))
    if stays != goes:
        records = world.records_of(goes)
        _lead(records, stays)
        world.owners |= dict.fromkeys(records, stays)


def _unmerge(world: World, place: int) -> None:
    member = _pick(world, place)
    if member in world.owners:
        _lead({member}, None)
        del world.owners[member]


def _lead(records: set[int], owner: int | None) -> None:
    """What a merge does, without its rows of evidence, which nobody takes away."""
    owners = {*Member.objects.filter(pk__in=records).values_list("merged_into_id", flat=True), owner}
    Member.objects.filter(pk__in=records).update(merged_into=owner)
    read_anew(member_ids={*records, *(each for each in owners if each is not None)}, reason="records merged")


def _criterion(_world: World, days: int | None, value: str) -> None:
    TierCriterion.objects.filter(tier__code="high_value", measure="spend").update(window_days=days, value=value)


def _pick(world: World, place: int) -> int:
    return sorted(world.registered)[place % len(world.registered)]


HAPPENINGS = {
    "member": _member,
    "order": _order,
    "refund": _refund,
    "acts": _acts,
    "touch": _touch,
    "change": _change,
    "register": _register,
    "leave": _leave,
    "merge": _merge,
    "unmerge": _unmerge,
    "criterion": _criterion,
}
