"""Random rules over random members: the one statement and an independent reckoning name the same people."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from accounts.models import Region, Store
from members.models import Member
from segments.models import Audience, MemberStanding, MemberTag, Tag, TagGroup
from segments.rules.audience_reading import read_rule
from segments.rules.audience_tree import as_json
from segments.selectors.audiences import estimate, members_of
from tests.segments.audience_oracle import DAY, Line, Person, matches
from tests.segments.facts import ensure_months, moment
from timeline.models import Product

pytestmark = pytest.mark.servers

TICK = timedelta(microseconds=1)
NOW = moment("2026-06-10T09:30:00")
WINDOWS = (1, 7, 30, 365)
PRODUCTS = {"SERUM": "护肤", "CREAM": "护肤", "LIPS": "彩妆"}
STORES = ("east", "west")
OPERATORS = st.sampled_from((">=", ">", "<=", "<", "="))
NUMBERS = count(1)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Mostly at the very edge of a window, or a microsecond beside it."""
    edge = NOW - draw(st.sampled_from((0, 1, 2, 7, 8, 30, 31, 365))) * DAY
    return edge + draw(st.sampled_from((-TICK, timedelta(0), TICK, timedelta(hours=5))))


@st.composite
def orders(draw: st.DrawFn) -> list[Line]:
    """One to three lines of one order, or of the refund of one."""
    number, at, sign = str(next(NUMBERS)), draw(moments()), draw(st.sampled_from((1, 1, 1, -1)))
    store, channel = draw(st.sampled_from(STORES)), draw(st.sampled_from(("pos", "app", "")))
    return [
        Line(number, at, product, PRODUCTS[product], sign * quantity, sign * quantity * price, store, channel)
        for product, quantity, price in draw(
            st.lists(
                st.tuples(
                    st.sampled_from(sorted(PRODUCTS)),
                    st.sampled_from((Decimal(1), Decimal(2))),
                    st.sampled_from((Decimal("0.01"), Decimal(100), Decimal("249.99"))),
                ),
                min_size=1,
                max_size=3,
            )
        )
    ]


CONSENTS = st.tuples(
    st.sampled_from((NOW - 3 * DAY, NOW - 2 * DAY)),
    st.just("marketing"),
    st.sampled_from(("any", "wecom", "sms")),
    st.sampled_from(("grant", "guardian_grant", "refuse", "withdraw")),
)
SAID = st.lists(CONSENTS, max_size=3, unique_by=lambda each: (each[1], each[2]))


@st.composite
def people(draw: st.DrawFn) -> Person:
    return Person(
        gender=draw(st.sampled_from(("", "female", "male"))),
        channel=draw(st.sampled_from(("", "app"))),
        registered=draw(st.none() | moments()),
        tier=draw(st.sampled_from(("", "silent", "new"))),
        tags=draw(st.sets(st.sampled_from((1, 2)))),
        lines=[line for each in draw(st.lists(orders(), max_size=3)) for line in each],
        acts=draw(st.lists(st.tuples(moments(), st.sampled_from(("browse", "click"))), max_size=4)),
        said=draw(SAID),
        elsewhere=draw(st.just([]) | st.lists(SAID, min_size=1, max_size=2)),
    )


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


@st.composite
def purchase_leaves(draw: st.DrawFn) -> dict[str, Any]:
    measure = draw(st.sampled_from(("orders", "spend", "units", "since_first", "since_last")))
    value = {
        "orders": st.sampled_from(("0", "1", "2")),
        "spend": st.sampled_from(("0", "100", "249.99", "-100")),
        "units": st.sampled_from(("0", "1", "2", "-1")),
    }.get(measure, st.sampled_from(("0", "1", "7", "30")))
    body: dict[str, Any] = {"measure": measure, "operator": draw(OPERATORS), "value": draw(value)}
    if not measure.startswith("since") and draw(st.booleans()):
        body["days"] = draw(st.sampled_from(WINDOWS))
    scopes = {
        "products": tuple(PRODUCTS),
        "categories": ("护肤", "彩妆"),
        "stores": STORES,
        "channels": ("pos", "app", "elsewhere"),
    }
    for name in draw(st.sets(st.sampled_from(sorted(scopes)), max_size=2)):
        body[name] = draw(some(scopes[name]))
    return {"purchases": body}


@st.composite
def interaction_leaves(draw: st.DrawFn) -> dict[str, Any]:
    body: dict[str, Any] = {"operator": draw(OPERATORS), "value": draw(st.sampled_from(("0", "1", "2")))}
    if draw(st.booleans()):
        body["days"] = draw(st.sampled_from(WINDOWS))
    if draw(st.booleans()):
        body["kinds"] = draw(some(("browse", "click", "open")))
    return {"interactions": body}


FILTERS = st.one_of(
    some(("female", "male", "-")).map(lambda values: {"filter": {"gender": values}}),
    some(("app", "-")).map(lambda values: {"filter": {"channel": values}}),
    some(("silent", "new")).map(lambda values: {"filter": {"tier": values}}),
    some(("1", "2")).map(lambda values: {"filter": {"tag": values}}),
    st.sampled_from(("-7d", "-30d")).map(lambda value: {"filter": {"registered_from": [value]}}),
)
CONSENT = st.builds(
    lambda channel, holds: {"consent": {"purpose": "marketing", "channel": channel, "is": holds}},
    st.sampled_from(("any", "wecom", "sms")),
    st.sampled_from(("given", "refused", "withdrawn", "never")),
)
LEAVES = st.one_of(FILTERS, purchase_leaves(), purchase_leaves(), interaction_leaves(), CONSENT)


def _groups(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    group = st.builds(
        lambda key, parts: {key: parts}, st.sampled_from(("all", "any")), st.lists(children, min_size=1, max_size=3)
    )
    return group | group.map(lambda node: {"not": node})


RULES = st.recursive(LEAVES | LEAVES.map(lambda leaf: {"not": leaf}), _groups, max_leaves=6).filter(
    lambda rule: read_rule(rule)[0] is not None
)


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=250,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(crowd=st.lists(people(), min_size=1, max_size=5), rule=RULES, inner=st.none() | RULES)
def test_the_statement_finds_whom_an_independent_reckoning_finds(crowd: list[Person], rule: Any, inner: Any) -> None:
    with transaction.atomic():
        furnish()
        numbers = dict(zip(place(crowd), crowd, strict=True))
        audiences: dict[int, Any] = {}
        if inner is not None:
            audience = Audience.objects.create(name="inner", rule=inner)
            audiences[audience.pk] = inner
            rule = {"any": [{"all": [rule, {"audience": audience.pk}]}, {"not": {"audience": audience.pk}}]}
        node, _faults = read_rule(rule)
        assert node is not None
        assert read_rule(as_json(node))[0] == node
        expected = sorted(pk for pk, person in numbers.items() if matches(rule, person, NOW, audiences))
        event(f"{len(expected)} of {len(crowd)}")
        assert sorted(members_of(rule, now=NOW).values_list("pk", flat=True)) == expected
        few = list(numbers)[:2]
        within = Member.objects.filter(pk__in=few)
        assert sorted(members_of(rule, now=NOW, within=within).values_list("pk", flat=True)) == [
            pk for pk in expected if pk in few
        ]
        counted = estimate(rule, now=NOW, by=None)
        assert (counted.size, sorted(counted.sample)) == (len(expected), expected)
        transaction.set_rollback(True)


def furnish() -> None:
    """Stores, products and tags by the names that rules use."""
    region, _new = Region.objects.get_or_create(code="r", defaults={"name": "R"})
    for code in STORES:
        Store.objects.get_or_create(code=code, defaults={"region": region, "name": code})
    for code, category in PRODUCTS.items():
        Product.objects.get_or_create(code=code, defaults={"category": category})
    group, _new = TagGroup.objects.get_or_create(name="G")
    for pk in (1, 2):
        Tag.objects.get_or_create(pk=pk, defaults={"group": group, "name": str(pk)})


def place(crowd: list[Person]) -> list[int]:
    """Write everybody with all that is known of them; their numbers."""
    rows = [Member(gender=each.gender, channel=each.channel, registered_at=each.registered) for each in crowd]
    numbers = [member.pk for member in Member.objects.bulk_create(rows)]
    ensure_months([NOW.date() - timedelta(days=days) for days in (0, 1, 7, 8, 30, 31, 32, 365, 366)])
    for pk, each in zip(numbers, crowd, strict=True):
        if each.tier:
            MemberStanding.objects.create(member_id=pk, tier=each.tier, tier_since=NOW)
        MemberTag.objects.bulk_create(MemberTag(member_id=pk, tag_id=tag, source="manual") for tag in each.tags)
        _acts(pk, each)
        _orders(pk, each)
        _said(pk, each.said)
        for said in each.elsewhere:
            _said(Member.objects.create(merged_into_id=pk).pk, said)
    return numbers


def _acts(member: int, person: Person) -> None:
    for at, kind in person.acts:
        _run(
            "INSERT INTO timeline_interaction (member_id, occurred_at, kind, source) VALUES (%s, %s, %s, 't')",
            member,
            at,
            kind,
        )


def _orders(member: int, person: Person) -> None:
    products = dict(Product.objects.values_list("code", "pk"))
    stores = dict(Store.objects.values_list("code", "pk"))
    for number in {line.order for line in person.lines}:
        lines = [line for line in person.lines if line.order == number]
        first, sold = lines[0], lines[0].quantity > 0
        purchase = _run(
            """INSERT INTO timeline_purchase (member_id, occurred_at, amount, sold, kind, source, order_no, store_id, channel)
            VALUES (%s, %s, %s, %s, %s, 't', %s, %s, %s) RETURNING id""",
            *(member, first.at, sum(line.amount for line in lines), sold, "order" if sold else "refund", number),
            *(stores[first.store], first.channel),
        )
        for line in lines:
            _run(
                """INSERT INTO timeline_purchaseline (member_id, occurred_at, line_at, purchase_id, product_id, line_key,
                quantity, unit_price, amount) VALUES (%s, %s, %s, %s, %s, gen_random_uuid(), %s, 1, %s)""",
                *(member, line.at, line.at, purchase, products[line.product], line.quantity, line.amount),
            )


def _said(member: int, said: list[tuple[datetime, str, str, str]]) -> None:
    """The database keeps the state from the events."""
    for at, purpose, channel, action in said:
        _run(
            """INSERT INTO compliance_consentevent (member_id, purpose, channel, action, occurred_at, notice_hash, language,
            source, page, wording, preset, note, key) VALUES (%s, %s, %s, %s, %s, '', '', 'api', '', '', false, '', gen_random_uuid())""",
            *(member, purpose, channel, action, at),
        )


def _run(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0] if cursor.description else None
