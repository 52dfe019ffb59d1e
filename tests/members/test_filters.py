"""Filters of members."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from accounts.models import Region, Store, User
from members.errors import FilterNotValid, FilterPersonal
from members.models import City, Member, check_parameters, filter_members, member_filters
from members.rules.parameters import NotUnderstood, Span, moment_span, number_span, texts
from members.services import create_member

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def people() -> dict[str, Member]:
    store = Store.objects.create(code="hz1", name="西湖店", region=Region.objects.create(code="east", name="华东"))
    guide = User.objects.create(username="chen", role=Role.GUIDE)
    hangzhou, _made = City.objects.update_or_create(name="杭州", defaults={"tier": "new_first"})
    values: dict[str, dict[str, Any]] = {
        "lin": {
            "name": "林晓",
            "gender": "female",
            "birthday": date(1990, 5, 1),
            "city": hangzhou,
            "home_store": store,
            "guide": guide,
            "channel": "scan",
            "registered_at": datetime(2026, 1, 31, 16, tzinfo=UTC),
            "identities": [{"type": "phone", "value": "13800138000"}, {"type": "card", "value": "13800138000x"}],
        },
        "li": {"name": "李雷", "registered_at": datetime(2026, 1, 31, 15, 59, 59, tzinfo=UTC), "channel": "ads"},
        "nobody": {},
    }
    return {code: create_member(by=None, now=NOW, **given) for code, given in values.items()}


def found(people: dict[str, Member], **parameters: Any) -> set[str]:
    ids = set(filter_members(Member.objects.all(), parameters, now=NOW).values_list("pk", flat=True))
    return {code for code, member in people.items() if member.pk in ids}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, {"lin", "li", "nobody"}),
        ({"page": "2", "sort": "name"}, {"lin", "li", "nobody"}),
        ({"city": "杭州"}, {"lin"}),
        ({"city": ["杭州", "-"]}, {"lin", "li", "nobody"}),
        ({"city": "亚特兰蒂斯"}, set()),
        ({"city_tier": ["new_first"]}, {"lin"}),
        ({"city_tier": "-"}, {"li", "nobody"}),
        ({"store": "hz1"}, {"lin"}),
        ({"store": "-"}, {"li", "nobody"}),
        ({"guide": "chen"}, {"lin"}),
        ({"channel": ["scan", "ads"]}, {"lin", "li"}),
        ({"channel": "-"}, {"nobody"}),
        ({"gender": "female"}, {"lin"}),
        ({"gender": "-"}, {"li", "nobody"}),
        ({"birthday_month": ["5", "6"]}, {"lin"}),
        ({"registered_from": "2026-02-01"}, {"lin"}),
        ({"registered_to": "2026-01-31"}, {"li"}),
        ({"registered_from": "2026-01-31", "registered_to": "2026-02-01"}, {"lin", "li"}),
        ({"registered_from": "-40d", "registered_to": ""}, {"lin", "li"}),
        ({"registered_from": "-20d"}, set()),
        ({"city": "杭州", "gender": "male"}, set()),
        ({"q": "林"}, {"lin"}),
        ({"q": "LIN"}, {"lin"}),
        ({"q": "xiao"}, set()),
        ({"q": "+86 138-0013-8000"}, {"lin"}),
        ({"q": "13800138000x"}, {"lin"}),
        ({"q": "1380013800"}, set()),
        ({"q": "%"}, set()),
    ],
)
def test_filter_members_lets_through(people: dict[str, Member], parameters: dict[str, Any], expected: set[str]) -> None:
    assert found(people, **parameters) == expected


def test_search_by_number(people: dict[str, Member]) -> None:
    assert found(people, q=f"#{people['li'].pk}") == {"li"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"gender": "x"},
        {"birthday_month": "13"},
        {"city_tier": "x"},
        {"registered_from": "yesterday"},
        {"registered_from": "2026-02-30"},
        {"registered_to": "9999-12-31"},
        {"registered_from": ["2026-01-01", "2026-01-02"]},
        {"q": "a\x00"},
        {"q": "x" * 201},
        {"city": [str(number) for number in range(101)]},
    ],
)
def test_filter_members_says_which_value_it_does_not_understand(parameters: dict[str, Any]) -> None:
    with pytest.raises(FilterNotValid) as caught:
        filter_members(Member.objects.all(), parameters, now=NOW)
    assert set(caught.value.fields) == set(parameters)


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(FilterNotValid) as caught:
        filter_members(Member.objects.all(), {"registered_from": "2026-03-01", "registered_to": "2026-01-01"}, now=NOW)
    assert set(caught.value.fields) == {"registered_to"}


def test_check_parameters_refuses_names_that_no_filter_reads() -> None:
    check_parameters({"city": ["杭州"]}, now=NOW)
    with pytest.raises(FilterNotValid) as caught:
        check_parameters({"cityy": ["杭州"]}, now=NOW)
    assert set(caught.value.fields) == {"cityy"}


@pytest.mark.parametrize(
    "parameters", [{"q": "林"}, {"q": "13800138000"}, {"channel": ["138 0013 8000"]}, {"city": ["lin@example.com"]}]
)
def test_check_parameters_keeps_nothing_that_names_a_person(parameters: dict[str, Any]) -> None:
    with pytest.raises(FilterPersonal) as caught:
        check_parameters(parameters, now=NOW)
    assert set(caught.value.fields) == set(parameters)


def test_check_parameters_keeps_a_choice_that_is_offered() -> None:
    User.objects.create(username="chen@example.com", role=Role.GUIDE)
    check_parameters({"guide": ["chen@example.com"]}, now=NOW)
    with pytest.raises(FilterPersonal):
        check_parameters({"guide": ["lin@example.com"]}, now=NOW)


def test_a_filter_asks_no_more_than_one_query_before_the_list(people: dict[str, Member]) -> None:
    with CaptureQueriesContext(connection) as captured:
        list(filter_members(Member.objects.all(), {"q": "13800138000", "city": "杭州", "store": "hz1"}, now=NOW))
    assert len(captured) == 2


def test_options_of_every_filter_are_texts(people: dict[str, Member]) -> None:
    offered = {entry.code: [code for code, _label in entry.options()] for entry in member_filters if entry.options}
    assert offered["store"] == ["hz1", "-"]
    assert offered["guide"] == ["chen", "-"]
    assert offered["channel"] == ["ads", "scan", "-"]
    assert offered["gender"] == ["-", "female", "male"]
    assert "杭州" in offered["city"]


def test_the_same_code_twice_is_refused() -> None:
    entry = member_filters.get("city")
    with pytest.raises(ImproperlyConfigured):
        member_filters.register(type(entry)(code="city", label="x", kind=entry.kind, apply=entry.apply))


def test_number_span_reads_both_ends() -> None:
    span = number_span({"spend_from": "1,000", "spend_to": "2000.50"}, "spend")
    assert span is not None
    assert (str(span.start), str(span.end)) == ("1000", "2000.50")
    assert number_span({}, "spend") is None


@pytest.mark.parametrize("text", ["abc", "NaN", "Infinity", "1e12"])
def test_number_span_refuses(text: str) -> None:
    with pytest.raises(NotUnderstood):
        number_span({"spend_from": text}, "spend")


def test_moment_span_takes_whole_local_days() -> None:
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None
    span = moment_span({"d_from": "2026-01-01", "d_to": "2026-01-01"}, "d", now=NOW, zone=zone)
    assert span == Span(datetime(2026, 1, 1, tzinfo=zone), datetime(2026, 1, 1, tzinfo=zone) + timedelta(days=1))


def test_texts_drops_empty_and_repeated_values() -> None:
    assert texts({"a": ["x", "", " x ", "y"]}, "a") == ["x", "y"]


@pytest.fixture(autouse=True)
def _zone(settings: Any) -> Iterator[None]:
    settings.TIME_ZONE = "Asia/Shanghai"
    yield


@pytest.mark.parametrize(("role", "found"), [(Role.MARKETER, ["林晓"]), (Role.ANALYST, []), (Role.AUDITOR, [])])
def test_who_sees_names_masked_finds_nobody_by_what_is_hidden(
    people: dict[str, Member], role: Role, found: list[str]
) -> None:
    visible = Member.objects.visible_to(User.objects.create(username="x", role=role))
    shown = [
        [str(member) for member in filter_members(visible, {"q": [text]}, now=NOW)]
        for text in ("13800138000", "林晓", "林", f"#{people['lin'].pk}")
    ]
    assert shown == [found, found, found, found or ["林*"]]
