"""Tags: whom they reach, by what right, and what is remembered."""

from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection
from django.db.migrations import AddField
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import AuditEntry
from core.errors import ValidationFailed
from members.models import Member
from segments.errors import GroupInUse, TagInvalid, TagKeptByRule
from segments.models import MemberTag, MemberTagEvent, Tag, TagGroup
from segments.selectors import tags as selectors
from segments.services import tags as services
from segments.services.retier import retier
from segments.services.tags import (
    delete_tag,
    delete_tag_group,
    expire_tags,
    refresh_rule_tags,
    refresh_tag,
    save_tag,
    save_tag_group,
    tag_members,
    untag_members,
)
from segments.tasks import refresh_tags
from tests.segments.facts import Order, add_orders, make_members, moment

pytestmark = [pytest.mark.servers, pytest.mark.django_db]
NOW = moment("2026-11-01T16:00:00")
DAY = timedelta(days=1)


@pytest.fixture
def group() -> TagGroup:
    return save_tag_group(name="偏好", by=None)


@pytest.fixture
def people() -> list[int]:
    return make_members([NOW - 100 * DAY] * 3)


def holders(tag: Tag) -> list[int]:
    return sorted(MemberTag.objects.filter(tag=tag).values_list("member", flat=True))


def events(tag: Tag) -> list[tuple[int, str, str]]:
    found = MemberTagEvent.objects.filter(tag_id=tag.pk).order_by("id")
    return [(event.member_id, event.action, event.source) for event in found]


def test_tagging_a_set_of_members_twice_adds_them_once(group: TagGroup, people: list[int]) -> None:
    by = User.objects.create(username="lin")
    tag = save_tag(group=group, name="敏感肌", by=by)
    some = Member.objects.filter(pk__in=people[:2])
    assert tag_members(members=some, tag=tag, by=by, now=NOW) == 2
    assert tag_members(members=Member.objects.all(), tag=tag, by=by, now=NOW) == 1
    assert holders(tag) == people
    assert events(tag) == [(member, "added", "manual") for member in people]
    assert {each.by_label for each in MemberTag.objects.all()} == {"lin"}
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.action, entry.changes) == ("segments.tag.give", {"members_added": [0, 1]})


def test_untagging_takes_from_those_only(group: TagGroup, people: list[int]) -> None:
    tag = save_tag(group=group, name="敏感肌", by=None)
    tag_members(members=Member.objects.all(), tag=tag, by=None, now=NOW)
    assert untag_members(members=Member.objects.filter(pk=people[0]), tag=tag, by=None, now=NOW) == 1
    assert untag_members(members=Member.objects.none(), tag=tag, by=None, now=NOW) == 0
    assert holders(tag) == people[1:]
    assert [action for member, action, _source in events(tag) if member == people[0]] == ["added", "removed"]


def test_a_rule_gives_and_takes_and_leaves_what_was_given_by_hand(group: TagGroup, people: list[int]) -> None:
    tag = save_tag(group=group, name="大客户", by=None)
    tag_members(members=Member.objects.filter(pk=people[2]), tag=tag, by=None, now=NOW)
    save_tag(group=group, name="大客户", rule={"spend_from": "500"}, tag=tag, by=None)
    add_orders([Order(people[0], NOW - DAY, Decimal(600))])
    retier(as_of=NOW)
    (refreshed,) = refresh_rule_tags(now=NOW)
    assert (refreshed.added, refreshed.removed, holders(tag)) == (1, 0, [people[0], people[2]])
    add_orders([Order(people[0], NOW - DAY, Decimal(-200), sold=False), Order(people[1], NOW - DAY, Decimal(500))])
    retier(as_of=NOW)
    (refreshed,) = refresh_rule_tags(now=NOW)
    assert (refreshed.added, refreshed.removed, holders(tag)) == (1, 1, people[1:])
    assert events(tag)[-2:] == [(people[0], "removed", "rule"), (people[1], "added", "rule")]
    tag.refresh_from_db()
    assert tag.refreshed_at == NOW


def test_a_tag_kept_by_a_rule_is_not_given_by_hand(group: TagGroup, people: list[int]) -> None:
    tag = save_tag(group=group, name="大客户", rule={"spend_from": "500"}, by=None)
    with pytest.raises(TagKeptByRule):
        tag_members(members=Member.objects.all(), tag=tag, by=None)
    with pytest.raises(TagKeptByRule):
        untag_members(members=Member.objects.all(), tag=tag, by=None)
    assert holders(tag) == []


def test_a_tag_ends_after_its_days_and_begins_anew_when_given_again(group: TagGroup, people: list[int]) -> None:
    tag = save_tag(group=group, name="618", lasts_days=30, by=None)
    tag_members(members=Member.objects.all(), tag=tag, by=None, now=NOW)
    tag_members(members=Member.objects.filter(pk=people[0]), tag=tag, by=None, now=NOW + DAY)
    assert expire_tags(now=NOW + 30 * DAY - timedelta(microseconds=1)) == 0
    assert expire_tags(now=NOW + 30 * DAY) == 2
    assert holders(tag) == people[:1]
    assert sorted(events(tag)[-2:]) == [(person, "expired", "manual") for person in sorted(people[1:])]


def test_deleting_a_tag_keeps_its_name_in_history(group: TagGroup, people: list[int]) -> None:
    tag = save_tag(group=group, name="618", by=None)
    number = tag.pk
    tag_members(members=Member.objects.all(), tag=tag, by=None, now=NOW)
    assert delete_tag(tag=tag, by=None, now=NOW + DAY) == 3
    assert set(MemberTagEvent.objects.filter(tag_id=number, action="removed").values_list("tag_name", "at")) == {
        ("618", NOW + DAY)
    }


def test_a_group_with_tags_is_not_deleted(group: TagGroup) -> None:
    tag = save_tag(group=group, name="618", by=None)
    with pytest.raises(GroupInUse):
        delete_tag_group(group=group, by=None)
    delete_tag(tag=tag, by=None)
    delete_tag_group(group=group, by=None)
    assert TagGroup.objects.count() == 0


@pytest.mark.parametrize("rule", [{"nonsense": "1"}, {"spend_from": "much"}, {"tier": ["nobody"]}])
def test_a_rule_that_is_not_understood_is_refused(group: TagGroup, rule: dict) -> None:
    with pytest.raises(ValidationFailed):
        save_tag(group=group, name="618", rule=rule, by=None)
    assert Tag.objects.count() == 0


def test_a_rule_cannot_name_its_own_tag_and_names_are_unique(group: TagGroup) -> None:
    tag = save_tag(group=group, name="618", by=None)
    with pytest.raises(TagInvalid):
        save_tag(group=group, name="618", rule={"tag": [str(tag.pk)]}, tag=tag, by=None)
    with pytest.raises(TagInvalid):
        save_tag(group=group, name=" 618 ", by=None)
    with pytest.raises(TagInvalid):
        save_tag_group(name="", by=None)


def test_counts_of_many_tags_take_one_query(
    group: TagGroup, people: list[int], django_assert_num_queries: object
) -> None:
    tags = [save_tag(group=group, name=name, by=None) for name in ("b", "a")]
    tag_members(members=Member.objects.all(), tag=tags[0], by=None, now=NOW)
    with django_assert_num_queries(1):
        assert selectors.holders(tags) == {tags[0].pk: 3}
    untag_members(members=Member.objects.filter(pk=people[0]), tag=tags[0], by=None, now=NOW + DAY)
    days = selectors.tag_days(tags[0], now=NOW + 2 * DAY)
    assert [(each.added, each.removed) for each in days] == [(0, 1), (3, 0)]


def test_tag_given_to_thousands_at_once_is_counted_with_it(
    group: TagGroup, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "COUNTED", 2)
    tag = save_tag(group=group, name="by hand", by=None)

    def counted() -> tuple[int | None, datetime | None]:
        tag.refresh_from_db()
        return tag.holders, tag.counted_at

    tag_members(members=Member.objects.filter(pk__in=people[:2]), tag=tag, by=None, now=NOW)
    assert counted() == (None, None), "few are counted by whoever looks"
    untag_members(members=Member.objects.all(), tag=tag, by=None, now=NOW)
    tag_members(members=Member.objects.all(), tag=tag, by=None, now=NOW + DAY)
    assert counted() == (3, NOW + DAY)
    untag_members(members=Member.objects.all(), tag=tag, by=None, now=NOW + 2 * DAY)
    assert counted() == (0, NOW + 2 * DAY)


def test_tag_of_many_is_not_counted_on_every_look_but_by_the_refresh(
    group: TagGroup, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "COUNTED", 2)
    by_hand = save_tag(group=group, name="by hand", by=None)
    by_rule = save_tag(group=group, name="by rule", rule={"registered_from": "2020-01-01"}, by=None)
    tag_members(members=Member.objects.all(), tag=by_hand, by=None, now=NOW)
    refresh_tag(tag=by_rule, now=NOW)
    assert selectors.holders([by_rule]) == {by_rule.pk: 3}
    Tag.objects.filter(pk__in=(by_hand.pk, by_rule.pk)).update(holders=50)
    assert selectors.holders([by_hand, by_rule]) == {by_hand.pk: 50, by_rule.pk: 50}
    refresh_tags()
    assert list(Tag.objects.order_by("pk").values_list("holders", flat=True)) == [3, 3]
    assert all(at and at > NOW for at in Tag.objects.values_list("counted_at", flat=True))
    MemberTag.objects.filter(member=people[0]).delete()
    assert selectors.holders([by_hand, by_rule]) == {by_hand.pk: 2, by_rule.pk: 2}, "few are counted now"
    MemberTag.objects.all().delete()
    assert selectors.holders([by_hand, by_rule]) == {}


def test_history_of_a_tag_is_found_by_its_index(group: TagGroup, people: list[int]) -> None:
    tag = save_tag(group=group, name="618", by=None)
    tag_members(members=Member.objects.all(), tag=tag, by=None, now=NOW)
    with CaptureQueriesContext(connection) as queries:
        selectors.tag_days(tag, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")
    assert "segments_tag_past" in plan, plan


def test_history_of_tags_is_indexed_beside_those_who_tag() -> None:
    """In one transaction with other steps it would lock tags, and all who write their history, until it is ready."""
    counts = import_module("segments.migrations.0011_tag_counts").Migration
    assert [type(each) for each in counts.operations] == [AddField]
    past = import_module("segments.migrations.0013_tag_past").Migration
    assert ([type(each) for each in past.operations], past.atomic) == ([AddIndexConcurrently], False)
