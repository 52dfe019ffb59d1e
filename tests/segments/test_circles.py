"""Rules of tags and audiences that would come back to themselves, directly or through each other, are refused."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from segments.errors import AudienceInvalid, TagInvalid
from segments.models import Audience, MemberTag, Tag
from segments.services import audiences
from segments.services.tags import refresh_tag, save_tag, save_tag_group
from tests.rivals import rival, until, waiting_for_locks, workers
from tests.segments.facts import make_members, moment

NOW = moment("2026-11-01T16:00:00")
EVERYBODY: dict[str, Any] = {"not": {"filter": {"channel": ["nowhere"]}}}


def tag(name: str, rule: dict[str, Any] | None = None, *, of: Tag | None = None) -> Tag:
    group = of.group if of else save_tag_group(name=f"组{name}", by=None)
    return save_tag(tag=of, group=group, name=name, rule=rule, by=None, now=NOW)


def audience(name: str, rule: dict[str, Any]) -> Audience:
    return audiences.create(name=name, rule=rule, by=None, now=NOW)


def change(kept: Audience, rule: dict[str, Any]) -> Audience:
    return audiences.update(audience=kept, rule=rule, by=None, now=NOW)


def asking(*, tag: Tag | None = None, audience: Audience | None = None) -> dict[str, Any]:
    """A part of an audience's rule."""
    return {"filter": {"tag": [str(tag.pk)]}} if tag else {"audience": audience.pk if audience else 0}


@pytest.mark.django_db
def test_audience_of_those_without_its_own_tag_is_refused_from_either_side() -> None:
    """It would give the tag in one hour and take it in the next."""
    make_members([NOW - timedelta(days=100)] * 2)
    open_ = audience("未标记", EVERYBODY)
    kept = tag("已触达", {"audience": [str(open_.pk)]})
    for rule in ({"not": asking(tag=kept)}, {"all": [EVERYBODY, {"any": [asking(tag=kept)]}]}):
        with pytest.raises(AudienceInvalid) as refused:
            change(open_, rule)
        assert [path.rsplit(".", 1)[1] for path in refused.value.fields] == ["filter"]
    open_.refresh_from_db()
    assert open_.rule == EVERYBODY
    for _hour in range(2):
        refresh_tag(tag=kept, now=NOW)
        assert MemberTag.objects.filter(tag=kept).count() == 2
    by_hand = tag("黑名单")
    asks = audience("问标签", asking(tag=by_hand))
    for rule in ({"audience": [str(asks.pk)]}, {"audience": str(asks.pk)}):
        with pytest.raises(TagInvalid) as caught:
            tag("黑名单", rule, of=by_hand)
        assert list(caught.value.fields) == ["rule"]


@pytest.mark.django_db
def test_circle_through_several_is_refused_where_it_would_be_closed() -> None:
    first = tag("一", {"gender": ["female"]})
    through = audience("二", asking(tag=first))
    outer = audience("三", {"any": [EVERYBODY, asking(audience=through)]})
    last = tag("四", {"audience": [str(outer.pk)]})
    with pytest.raises(TagInvalid):
        tag("一", {"tag": [str(last.pk)]}, of=first)
    with pytest.raises(AudienceInvalid) as caught:
        change(through, {"any": [asking(tag=first), asking(tag=last), asking(tag=tag("五"))]})
    assert list(caught.value.fields) == ["rule.any.1.filter"]
    twice = {"any": [asking(tag=first), asking(tag=tag("六", {"tag": [str(first.pk)]}))]}
    assert change(through, twice).rule == twice


@pytest.mark.django_db
@pytest.mark.parametrize("through", [0, 1])
def test_tag_cannot_depend_on_itself(through: int) -> None:
    kept = tag("一", {"gender": ["female"]})
    named = tag("二", {"tag": [str(kept.pk)]}) if through else kept
    with pytest.raises(TagInvalid):
        tag("一", {"tag": [str(named.pk)]}, of=kept)


@pytest.mark.django_db
def test_archived_audience_does_not_come_back_into_a_circle() -> None:
    kept = tag("一", {"gender": ["female"]})
    asks = audience("二", asking(tag=kept))
    Audience.objects.filter(pk=asks.pk).update(state="archived")
    Tag.objects.filter(pk=kept.pk).update(rule={"audience": [str(asks.pk)]})
    with pytest.raises(AudienceInvalid):
        audiences.restore(audience=asks, by=None, now=NOW)


@pytest.fixture
def kept_in_fact(committed: None) -> Iterator[None]:
    yield
    Audience.objects.all().delete()


@pytest.mark.parametrize("second", ["tag", "audience"])
def test_two_who_close_a_circle_at_once_wait_for_each_other(kept_in_fact: None, second: str) -> None:
    """One makes the tag ask for the audience, the other the audience for the tag: the later one is refused."""
    kept, asks = tag("一"), audience("二", EVERYBODY)
    rules = {"tag": {"audience": [str(asks.pk)]}, "audience": {"not": asking(tag=kept)}}
    acts: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        "tag": (tag, {"name": "一", "rule": rules["tag"], "of": kept}),
        "audience": (change, {"kept": asks, "rule": rules["audience"]}),
    }
    table, row = ("segments_audience", asks) if second == "tag" else ("segments_tag", kept)
    act, values = acts.pop(second)
    with workers(1) as start, rival() as say:
        say("SELECT pg_advisory_xact_lock(hashtextextended('segments_references', 0))")
        say(f"UPDATE {table} SET rule = %s WHERE id = %s", [json.dumps(rules[next(iter(acts))]), row.pk])
        working = start(act, **values)
        until(lambda: waiting_for_locks() == 1)
        say("COMMIT")
        with pytest.raises((TagInvalid, AudienceInvalid)):
            working.result(30)
