"""Groups: opened, changed, closed, handed over; their rules; who comes and goes."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from accounts.enums import Role
from audit.models import AuditEntry
from community.errors.groups import (
    GroupFull,
    GroupIsClosed,
    GroupNotValid,
    NotInGroup,
    ParticipantNotValid,
    RulesNotValid,
    TypeNotValid,
)
from community.models import Group, GroupDay, GroupParticipant, GroupType, RulesAcknowledgement, Stay
from community.services.group_rules import acknowledge_rules, publish_rules
from community.services.groups import change_group, close_group, group_in, hand_over, open_group
from community.services.participants import change_role, leave, link_member, unlink_member
from community.services.settings import change_settings
from members.models import Member
from tests.community import chats
from tests.community.chats import DAY, NOW
from timeline.models import Interaction

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def faults_of(error: Any) -> list[str]:
    return sorted(error.value.fields)


def test_the_three_types_have_the_bands_of_the_source() -> None:
    bands = GroupType.objects.values_list("code", "messages_low", "messages_high")
    assert list(bands) == [("welfare", 50, 80), ("interest", 150, 200), ("honour", 80, 120)]


def test_a_group_is_opened_with_an_act() -> None:
    group = chats.a_group(name="  西湖店福利群 ", source="wecom", external_id="wr1")

    assert (group.name, group.state, group.capacity) == ("西湖店福利群", "active", 200)
    entry = AuditEntry.objects.get(action="community.open_group")
    assert (entry.object_id, entry.object_label) == (str(group.pk), "西湖店福利群")


def test_a_group_without_an_owner_is_refused_with_a_sentence() -> None:
    given = chats.group_values().__dict__ | {"owner_id": None}

    with pytest.raises(GroupNotValid) as refused:
        open_group(given=chats.GroupIn(**given), by=None, now=NOW)

    assert str(refused.value.fields["owner"][0]) == (
        "A group needs somebody who answers for it. Choose a member of staff."
    )
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 81}, "name"),
        ({"type_id": 0}, "type"),
        ({"owner_id": 987_654}, "owner"),
        ({"store_id": 987_654}, "store"),
        ({"opened_on": date(2031, 1, 1)}, "opened_on"),
        ({"opened_on": date(1999, 1, 1)}, "opened_on"),
        ({"capacity": 0}, "capacity"),
        ({"external_id": "wr1"}, "source"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(GroupNotValid) as refused:
        open_group(given=chats.group_values(**wrong), by=None, now=NOW)
    assert faults_of(refused) == [field]


def test_a_number_belongs_to_one_group() -> None:
    chats.a_group(name="一群", source="wecom", external_id="wr1")

    with pytest.raises(GroupNotValid) as refused:
        chats.a_group(source="wecom", external_id="wr1")

    assert str(refused.value.fields["external_id"][0]) == "This number belongs to the group “一群” already."


def test_group_of_another_store_is_not_named() -> None:
    chats.a_group(name="别店的群", source="wecom", external_id="wr1", store_id=chats.store().pk)
    mine = chats.store()
    manager = chats.person("manager", Role.STORE_MANAGER, mine)
    given = chats.group_values(source="wecom", external_id="wr1", store_id=mine.pk, owner_id=manager.pk)

    with pytest.raises(GroupNotValid) as refused:
        open_group(given=given, by=manager, now=NOW)

    assert [str(fault) for fault in refused.value.fields["external_id"]] == [
        "This number belongs to another group already."
    ]


def test_a_change_is_recorded_with_what_differs() -> None:
    group = chats.a_group()
    given = chats.GroupIn(**{**group_in(group).__dict__, "capacity": 500})

    change_group(group=group, given=given, by=chats.person(), now=NOW)
    change_group(group=group, given=given, by=chats.person(), now=NOW)

    (entry,) = AuditEntry.objects.filter(action="community.change_group")
    assert entry.changes == {"capacity": ["200", "500"]}


def test_the_owner_changes_by_handing_over_only() -> None:
    group, to = chats.a_group(), chats.person("other")
    given = chats.GroupIn(**{**group_in(group).__dict__, "owner_id": to.pk})
    with pytest.raises(GroupNotValid) as refused:
        change_group(group=group, given=given, by=None, now=NOW)
    assert faults_of(refused) == ["owner"]

    hand_over(group=group, to=to, reason="换人", by=chats.person(), now=NOW)

    group.refresh_from_db()
    assert group.owner == to
    assert AuditEntry.objects.get(action="community.hand_over").reason == "换人"


def test_a_hand_over_needs_a_reason_and_somebody_else() -> None:
    group = chats.a_group()
    with pytest.raises(GroupNotValid) as refused:
        hand_over(group=group, to=chats.person(), reason=" ", by=None, now=NOW)
    assert faults_of(refused) == ["owner", "reason"]


def test_closing_ends_every_stay_and_nothing_else() -> None:
    group = chats.a_group()
    chats.somebody(group)
    gone = chats.somebody(group)
    leave(participant=gone, at=NOW - DAY, how="left", by=None, now=NOW)

    close_group(group=group, reason="合并", by=chats.person(), now=NOW)

    assert sorted(Stay.objects.values_list("left_at", "left_how")) == [(NOW - DAY, "left"), (NOW, "closed")]
    assert GroupDay.objects.get(day=date(2026, 11, 20)).left == 1
    group.refresh_from_db()
    with pytest.raises(GroupIsClosed):
        chats.somebody(group)
    with pytest.raises(GroupIsClosed):
        close_group(group=group, reason="再来", by=None, now=NOW)


def test_rules_come_in_versions_that_do_not_repeat() -> None:
    group = chats.a_group()

    first = publish_rules(group=group, text="友善\r\n", by=chats.person(), now=NOW)
    second = publish_rules(group=group, text="友善，不发广告", by=chats.person(), now=NOW)

    assert [(first.version, first.text), (second.version, second.text)] == [(1, "友善"), (2, "友善，不发广告")]
    assert len(second.hash) == 64
    for wrong in ("友善，不发广告 ", " ", "字" * 5_001):
        with pytest.raises(RulesNotValid):
            publish_rules(group=group, text=wrong, by=None, now=NOW)


def test_rules_are_acknowledged_once_by_people_of_the_group() -> None:
    group = chats.a_group()
    rules = publish_rules(group=group, text="友善", by=None, now=NOW)
    people = [chats.somebody(group), chats.somebody(group)]

    assert acknowledge_rules(rules=rules, participants=people[:1], how="staff", by=None, now=NOW) == 1
    assert acknowledge_rules(rules=rules, participants=people, how="staff", by=None, now=NOW) == 1

    assert RulesAcknowledgement.objects.filter(rules=rules).count() == 2
    with pytest.raises(NotInGroup):
        acknowledge_rules(rules=rules, participants=[chats.somebody(chats.a_group())], how="staff", by=None, now=NOW)


def test_who_joins_is_in_the_group_and_in_the_timeline() -> None:
    group, member = chats.a_group(), chats.member()

    person = chats.somebody(group, "小雨", member_id=member.pk, joined_at=NOW - DAY)

    assert list(Stay.objects.values_list("participant", "joined_at", "left_at")) == [(person.pk, NOW - DAY, None)]
    assert list(Interaction.objects.values_list("member", "kind", "subject")) == [(member.pk, "join", group.name)]
    assert GroupDay.objects.get().joined == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nickname": " "}, "nickname"),
        ({"joined_at": NOW + DAY}, "joined_at"),
        ({"role": "king"}, "role"),
        ({"joined_how": "by_air"}, "joined_how"),
        ({"member_id": 987_654}, "member"),
        ({"staff_id": 987_654}, "staff"),
        ({"inviter_id": 987_654}, "inviter"),
        ({"nickname": "长" * 101}, "nickname"),
    ],
)
def test_who_cannot_join_is_refused_beside_the_field(wrong: dict[str, Any], field: str) -> None:
    group = chats.a_group()
    given = {"nickname": "小雨", "joined_at": NOW, **wrong}
    with pytest.raises(ParticipantNotValid) as refused:
        chats.join(group=group, given=chats.ParticipantIn(**given), by=None, now=NOW)
    assert faults_of(refused) == [field]
    assert not GroupParticipant.objects.exists()


def test_a_chat_has_one_owner() -> None:
    group = chats.a_group()
    first = chats.somebody(group, "群主", role="owner")

    with pytest.raises(ParticipantNotValid) as refused:
        chats.somebody(group, "第二个", role="owner")
    assert str(refused.value.fields["role"][0]) == "The chat has an owner already. Say first who she is from now on."

    second = chats.somebody(group, "接班")
    change_role(participant=second, role="owner", by=chats.person(), now=NOW)
    assert sorted(GroupParticipant.objects.values_list("pk", "role")) == [(first.pk, "keeper"), (second.pk, "owner")]
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupParticipant.objects.filter(pk=first.pk).update(role="owner")


def test_a_member_is_in_a_group_once() -> None:
    group, member = chats.a_group(), chats.member()
    chats.somebody(group, member_id=member.pk)
    other = chats.somebody(group)

    with pytest.raises(ParticipantNotValid):
        chats.somebody(group, member_id=member.pk)
    with pytest.raises(ParticipantNotValid):
        link_member(participant=other, member=member, by=None, now=NOW)


def test_a_merged_member_is_known_by_the_record_that_stands_for_her() -> None:
    group, gone, stays = chats.a_group(), chats.member(), chats.member()
    person = chats.somebody(group, speaker_key="wx1", member_id=gone.pk, joined_at=NOW - 9 * DAY)
    Member.objects.filter(pk=gone.pk).update(merged_into=stays)

    assert link_member(participant=person, member=stays, by=None, now=NOW) == person
    for known in ({"speaker_key": "wx1"}, {}):
        leave(participant=person, at=NOW - 5 * DAY, how="left", by=None, now=NOW)
        back = chats.somebody(group, **known, member_id=stays.pk, joined_at=NOW - 5 * DAY)
        assert (back, back.member) == (person, gone)


def test_of_two_places_of_a_merged_member_the_one_that_she_left_is_not_taken_for_her() -> None:
    group, gone, stays = chats.a_group(), chats.member(), chats.member()
    left = chats.somebody(group, member_id=gone.pk, joined_at=NOW - 9 * DAY)
    chats.somebody(group, member_id=stays.pk, joined_at=NOW - 9 * DAY)
    leave(participant=left, at=NOW - 5 * DAY, how="left", by=None, now=NOW)
    Member.objects.filter(pk=gone.pk).update(merged_into=stays)

    with pytest.raises(ParticipantNotValid) as refused:
        chats.somebody(group, member_id=stays.pk)
    assert list(refused.value.fields) == ["nickname"]


def test_a_participant_is_one_member_until_it_is_undone() -> None:
    person = chats.somebody(chats.a_group())
    first, second = chats.member(), chats.member()
    link_member(participant=person, member=first, by=chats.person(), now=NOW)

    with pytest.raises(ParticipantNotValid):
        link_member(participant=person, member=second, by=None, now=NOW)
    with pytest.raises(ParticipantNotValid):
        unlink_member(participant=person, reason="", by=None, now=NOW)
    unlink_member(participant=person, reason="认错", by=chats.person(), now=NOW)
    link_member(participant=person, member=second, by=chats.person(), now=NOW)

    person.refresh_from_db()
    assert person.member == second


def test_who_leaves_may_come_back_and_keeps_her_place() -> None:
    group = chats.a_group()
    person = chats.somebody(group, speaker_key="wx1", joined_at=NOW - 9 * DAY)
    leave(participant=person, at=NOW - 5 * DAY, how="left", by=None, now=NOW)

    with pytest.raises(ParticipantNotValid):
        chats.somebody(group, speaker_key="wx1", joined_at=NOW - 6 * DAY)
    again = chats.somebody(group, speaker_key="wx1", joined_at=NOW - DAY)

    assert again.pk == person.pk
    assert Stay.objects.filter(participant=person).count() == 2
    leave(participant=person, at=NOW, how="left", by=None, now=NOW)
    with pytest.raises(NotInGroup):
        leave(participant=person, at=NOW, how="left", by=None, now=NOW)


def test_removing_somebody_needs_a_reason() -> None:
    person = chats.somebody(chats.a_group())
    with pytest.raises(ParticipantNotValid) as refused:
        leave(participant=person, at=NOW + DAY, how="removed", by=None, now=NOW)
    assert faults_of(refused) == ["at", "reason"]


def test_a_full_group_takes_nobody() -> None:
    group = chats.a_group(capacity=1)
    chats.somebody(group)
    with pytest.raises(GroupFull):
        chats.somebody(group)


def test_the_database_keeps_one_open_stay() -> None:
    person = chats.somebody(chats.a_group())
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.create(participant=person, group=person.group, joined_at=NOW)


def test_bands_change_with_a_reason() -> None:
    kind = chats.kind()
    given = {kind.pk: (40, 90)}

    changes = change_settings(bands=given, sleeper_days=21, band_days=7, reason="旺季", by=chats.person(), now=NOW)

    kind.refresh_from_db()
    assert changes == {"welfare": ["50–80", "40–90"], "sleeper_days": ["30", "21"]}
    assert (kind.messages_low, kind.messages_high) == (40, 90)
    assert not change_settings(bands=given, sleeper_days=21, band_days=7, reason="", by=None, now=NOW)
    for wrong in ({"bands": {kind.pk: (90, 40)}}, {"sleeper_days": 0}, {"reason": " ", "band_days": 9}):
        with pytest.raises(TypeNotValid):
            change_settings(
                **{"bands": given, "sleeper_days": 21, "band_days": 7, "reason": "x", "by": None, "now": NOW, **wrong}
            )  # type: ignore[arg-type]


def test_groups_are_seen_by_store_and_by_who_answers_for_them() -> None:
    here, there = chats.store(), chats.store()
    guide = chats.person("guide", Role.GUIDE, here)
    manager = chats.person("manager", Role.STORE_MANAGER, here)
    hers = chats.a_group(store_id=here.pk, owner_id=guide.pk)
    shop = chats.a_group(store_id=here.pk)
    brand, other = chats.a_group(), chats.a_group(store_id=there.pk)

    def seen(user: Any) -> set[int]:
        return set(Group.objects.visible_to(user).values_list("pk", flat=True))

    assert seen(guide) == {hers.pk}
    assert seen(manager) == {hers.pk, shop.pk}
    assert seen(chats.person()) == {hers.pk, shop.pk, brand.pk, other.pk}
    guide.is_active = False
    assert seen(guide) == set()


def test_history_is_kept_by_the_database() -> None:
    group = chats.a_group()
    Group.objects.filter(pk=group.pk).update(name="改名", changed_at=NOW + timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM community_grouphistory WHERE pgh_obj_id = %s", [group.pk])
        assert cursor.fetchall() == [(group.name,)]
