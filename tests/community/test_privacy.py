"""What groups know of a member: given out, taken out, purged."""

from datetime import timedelta

import pytest

from community.models import GroupMessage, GroupParticipant, MessageDigest, MessageText
from community.privacy.groups import erase_groups, export_groups
from compliance.enums.consent import ConsentAction, ConsentSource
from compliance.services import consent
from core.registries import purges
from tests.community import chats
from tests.community.chats import DAY, NOW
from tests.community.test_storing import LONG, message, stored

pytestmark = pytest.mark.django_db


def test_what_is_known_of_her_is_given_out_and_taken_out() -> None:
    group, member = chats.a_group(), chats.member()
    said = consent.ConsentIn(
        member_id=member.pk, purpose="personalisation", action=ConsentAction.GRANT, occurred_at=NOW - DAY
    )
    consent.record(said=said, source=ConsentSource.STAFF, by=chats.person(), now=NOW - DAY)
    person = chats.somebody(group, "小雨", speaker_key="wx1", member_id=member.pk)
    rows = [message(group.pk, "wx1", LONG)]
    stored(*rows)

    found = export_groups(member.pk)
    assert [text["text"] for text in found["texts"]] == [LONG]
    assert (found["names"][0]["name"], found["messages"][0]["messages"], len(found["stays"])) == ("小雨", 1, 1)

    assert erase_groups(member.pk) == 3
    assert erase_groups(member.pk) == 0

    person.refresh_from_db()
    assert (person.member_id, person.nickname, person.speaker_key) == (None, "", f"erased-{person.pk}")
    assert not MessageText.objects.exists()
    assert not MessageDigest.objects.exists()
    assert stored(*rows).stored == 0  # the same chat once more brings nobody back
    assert GroupParticipant.objects.count() == 1


@pytest.mark.parametrize("held", [False, True])
def test_messages_go_when_their_time_is_over_unless_a_hold_stands(held: bool) -> None:
    group, member = chats.a_group(), chats.member()
    chats.somebody(group, speaker_key="wx1", member_id=member.pk)
    stored(
        message(group.pk, "wx1", at=NOW - 800 * DAY),
        message(group.pk, "wx2", at=NOW - 800 * DAY),
        message(group.pk, "wx2"),
    )
    purge = purges.get("group_messages")
    before, hold = NOW - timedelta(days=730), [member.pk] if held else []

    assert purge.count(before, hold) == (1 if held else 2)
    assert purge.purge(before, hold, 100) == (1 if held else 2)

    assert GroupMessage.objects.count() == (2 if held else 1)


def test_sums_of_a_day_go_later() -> None:
    group = chats.a_group()
    stored(
        message(group.pk, "wx1", at=NOW - 1_200 * DAY),
        message(group.pk, "wx2", "嗯", at=NOW - 1_200 * DAY, reply="wx1"),
    )
    purge, before = purges.get("group_days"), NOW - timedelta(days=1_095)
    assert purge.count(before, []) == 3
    assert (purge.purge(before, [], 100), purge.purge(before, [], 100), purge.purge(before, [], 100)) == (2, 1, 0)
