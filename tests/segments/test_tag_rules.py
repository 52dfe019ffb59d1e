"""Rules of tags that outlive what they name, and who may tag."""

from datetime import timedelta

import pytest

from core.registries import permissions_of
from members.admin.extension import member_acts
from members.models import Member
from segments.errors import TagInUse, TagRulesBroken
from segments.models import MemberTag, Tag
from segments.services.tags import delete_tag, refresh_rule_tags, refresh_tag, save_tag, save_tag_group, tag_members
from tests.segments.facts import make_members, moment

NOW = moment("2026-11-01T16:00:00")


@pytest.mark.django_db
def test_a_rule_that_names_a_deleted_tag_stops_no_other_tag() -> None:
    people = make_members([NOW - timedelta(days=100)] * 2)
    group = save_tag_group(name="偏好", by=None)
    named = save_tag(group=group, name="named", by=None)
    tag_members(members=Member.objects.all(), tag=named, by=None, now=NOW)
    broken = save_tag(group=group, name="broken", rule={"tag": [str(named.pk)]}, by=None)
    later = save_tag(group=group, name="later", rule={"registered_from": "-200d"}, by=None)
    refresh_tag(tag=broken, now=NOW)
    Tag.objects.filter(pk=named.pk).delete()
    with pytest.raises(TagRulesBroken) as caught:
        refresh_rule_tags(now=NOW)
    assert "broken" in str(caught.value)
    assert "later" not in str(caught.value)
    assert sorted(MemberTag.objects.filter(tag=later).values_list("member", flat=True)) == people
    assert sorted(MemberTag.objects.filter(tag=broken).values_list("member", flat=True)) == people


@pytest.mark.django_db
@pytest.mark.parametrize("listed", [True, False])
def test_a_tag_stays_and_stays_in_use_while_a_rule_depends_on_it(listed: bool) -> None:
    group = save_tag_group(name="偏好", by=None)
    named = save_tag(group=group, name="named", by=None)
    rule = {"tag": [str(named.pk)] if listed else str(named.pk)}
    dependent = save_tag(group=group, name="dependent", rule=rule, by=None)
    with pytest.raises(TagInUse) as caught:
        delete_tag(tag=named, by=None, now=NOW)
    assert "dependent" in str(caught.value)
    with pytest.raises(TagInUse):
        save_tag(tag=named, group=group, name="named", is_active=False, by=None, now=NOW)
    assert Tag.objects.get(pk=named.pk).is_active
    save_tag(tag=named, group=group, name="renamed", by=None, now=NOW)
    save_tag(tag=dependent, group=group, name="dependent", rule={"gender": ["female"]}, by=None, now=NOW)
    delete_tag(tag=named, by=None, now=NOW)
    assert not Tag.objects.filter(pk=named.pk).exists()


def test_a_marketer_may_do_every_act_of_the_member_list() -> None:
    assert {act.permission for act in member_acts} <= permissions_of("marketer")
    assert "segments.add_membertag" not in permissions_of("analyst")
