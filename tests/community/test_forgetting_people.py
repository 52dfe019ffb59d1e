"""People of groups who are no members, forgotten; who was taken for somebody else; names kept out of the record of acts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from audit.models import AuditEntry
from community.errors.groups import ParticipantNotValid
from community.errors.moderation import ReportNotValid
from community.models import (
    Appeal,
    GroupParticipant,
    MessageDigest,
    MessageText,
    ParticipantDay,
    TitleHolding,
    Violation,
)
from community.services.appealing import answer_appeal, file_appeal
from community.services.deciding import decide
from community.services.forgetting_people import forget_participant
from community.services.participants import ParticipantIn, join, leave, link_member, unlink_member
from community.services.reporting import report_violation
from community.services.titles import keep_titles
from core.registries import purges
from tests.community import cast, chats
from tests.community.cast import DAY, HOUR, NOW
from tests.community.test_storing import LONG, agrees, message, stored
from tests.community.test_titles import spoke

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def known_by_all() -> GroupParticipant:
    """She holds a title, was reported, and has appealed."""
    one = cast.group()
    she = cast.participant(one, "林小雨", key="wx-lin")
    spoke(she, days=5, messages=3)
    keep_titles(now=NOW)
    found = decide(violation=cast.reported(she, text="小雨在吵架"), outcome="warned", by=cast.staff(), now=NOW)
    appeal = file_appeal(violation=found, text="我没有", by=None, now=NOW)
    answer_appeal(appeal=appeal, outcome="warned", by=cast.staff(), now=NOW, note="核对过")
    return she


def test_who_is_no_member_is_forgotten_on_her_word_and_the_numbers_stay() -> None:
    she = known_by_all()
    cast.say(cast.Line(she, "今晚八点直播间有秋季护肤套装"))

    forget_participant(participant=she, reason="林小雨本人要求删除", by=cast.staff(), now=NOW)

    she.refresh_from_db()
    assert (she.nickname, she.speaker_key, she.member_id) == ("", f"erased-{she.pk}", None)
    assert not TitleHolding.objects.exists()
    assert not MessageDigest.objects.exists()
    violation, appeal = Violation.objects.get(), Appeal.objects.get()
    assert (violation.excerpt, violation.note, violation.outcome) == (None, "", "warned")
    assert (appeal.text, appeal.note, appeal.outcome) == (None, "", "upheld")
    assert ParticipantDay.objects.filter(participant=she).count() >= 5
    assert "小雨" not in AuditEntry.objects.get(action="community.forget_participant").reason
    with pytest.raises(ReportNotValid):
        report_violation(participant=she, text="又来了", occurred_at=NOW, by=None, now=NOW)


def test_who_is_forgotten_and_speaks_again_is_somebody_new_and_the_old_chat_brings_nobody_back() -> None:
    group = chats.a_group()
    rows = [message(group.pk, "wx1", LONG)]
    stored(*rows)
    forget_participant(participant=GroupParticipant.objects.get(), reason="本人要求", by=None, now=chats.NOW)
    stored(*rows)
    assert GroupParticipant.objects.count() == 1
    stored(message(group.pk, "wx1", "我又来了", at=chats.NOW - MINUTE))
    assert sorted(GroupParticipant.objects.values_list("nickname", flat=True)) == ["", "wx1"]


def test_members_and_staff_are_not_forgotten_here_and_a_reason_is_asked_for() -> None:
    one = cast.group()
    member = cast.participant(one, "会员", member_id=chats.member().pk)
    staff = cast.participant(one, "导购", staff_id=cast.staff().pk)
    plain = cast.participant(one, "路人")
    for who, reason in ((member, "要求"), (staff, "要求"), (plain, " ")):
        with pytest.raises(ParticipantNotValid):
            forget_participant(participant=who, reason=reason, by=None, now=NOW)


def test_people_long_gone_are_purged_and_those_who_are_there_stay() -> None:
    group, old = cast.group(), NOW - 900 * DAY
    GroupParticipant.objects.update(created_at=old)
    gone = cast.participant(group, "走了", joined_at=old)
    leave(participant=gone, at=old + DAY, how="left", by=None, now=NOW)
    here = cast.participant(group, "还在", joined_at=old)
    waits = cast.participant(group, "有案", joined_at=old)
    leave(participant=waits, at=old + DAY, how="left", by=None, now=NOW)
    cast.reported(waits)
    member = cast.participant(group, "会员", joined_at=old, member_id=chats.member().pk)
    leave(participant=member, at=old + DAY, how="left", by=None, now=NOW)
    cast.say(cast.Line(_stranger(group), "很久以前说过一句", at=old))
    GroupParticipant.objects.update(created_at=old)
    purge, before = purges.get("group_participants"), NOW - 730 * DAY

    assert purge.count(before, []) == 2
    assert (purge.purge(before, [], 1), purge.purge(before, [], 10), purge.purge(before, [], 10)) == (1, 1, 0)

    left = set(GroupParticipant.objects.exclude(nickname="").values_list("pk", flat=True))
    assert left == {here.pk, waits.pk, member.pk}


def _stranger(group: Any) -> GroupParticipant:
    """Nobody told that she joined: a line of the chat alone knows her."""
    return GroupParticipant(group=group, group_id=group.pk, speaker_key="stranger", nickname="陌生人")


def test_taking_back_who_she_is_takes_the_texts_sealed_as_hers() -> None:
    group, member = chats.a_group(), chats.member()
    agrees(member)
    she = chats.somebody(group, "小雨", speaker_key="wx1", member_id=member.pk)
    elsewhere = chats.a_group()
    chats.somebody(elsewhere, "小雨", speaker_key="wx1", member_id=member.pk)
    stored(message(group.pk, "wx1", LONG), message(elsewhere.pk, "wx1", LONG))
    assert MessageText.objects.count() == 2

    unlink_member(participant=she, reason="认错人", by=None, now=chats.NOW)

    assert list(MessageText.objects.values_list("group", flat=True)) == [elsewhere.pk]
    assert AuditEntry.objects.get(action="community.unlink_member").changes["texts"] == [1, 0]


def test_reasons_name_nobody() -> None:
    one = cast.group()
    member = chats.member("王阿梅")
    she = cast.participant(one, "梅梅子", member_id=member.pk)
    marketer = cast.staff()
    found = decide(violation=cast.reported(she), outcome="warned", by=marketer, now=NOW, note="梅梅子即王阿梅，第二次")
    appeal = file_appeal(violation=found, text="不是我", by=None, now=NOW)
    answer_appeal(appeal=appeal, outcome="warned", by=cast.staff(), now=NOW + HOUR, note="王阿梅确有发送")
    unlink_member(participant=she, reason="梅梅子不是王阿梅", by=marketer, now=NOW)
    said = " ".join(AuditEntry.objects.values_list("reason", flat=True))
    assert "第二次" in said
    assert "确有发送" in said
    assert not any(name in said for name in ("梅梅子", "王阿梅"))


# --- one member is one person of a group


def test_member_is_in_a_group_once_whatever_way_she_comes() -> None:
    group, member = chats.a_group(), chats.member()
    absorbed = chats.member(merged_into=member)
    she = chats.somebody(group, "小雨", speaker_key="wx1", member_id=member.pk)
    other = chats.somebody(group, "阿梅", speaker_key="wx2")
    leave(participant=other, at=chats.NOW - DAY, how="left", by=None, now=chats.NOW)
    for who in (member, absorbed):
        with pytest.raises(ParticipantNotValid):
            link_member(participant=other, member=who, by=None, now=chats.NOW)
    again = ParticipantIn(speaker_key="wx2", nickname="阿梅", member_id=member.pk, joined_at=chats.NOW)
    with pytest.raises(ParticipantNotValid):
        join(group=group, given=again, by=None, now=chats.NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupParticipant.objects.filter(pk=other.pk).update(member=member, linked_at=chats.NOW)
    leave(participant=she, at=chats.NOW - DAY, how="left", by=None, now=chats.NOW)
    somebody_else = ParticipantIn(speaker_key="wx1", nickname="小雨", member_id=chats.member().pk, joined_at=chats.NOW)
    with pytest.raises(ParticipantNotValid):
        join(group=group, given=somebody_else, by=None, now=chats.NOW)


# --- the page


def test_page_forgets_for_who_runs_the_group_only() -> None:
    group = chats.a_group()
    she = chats.somebody(group, "林小雨")
    address = reverse("community:participant_forget", args=(she.pk,))
    guide, marketer = Client(), Client(headers={"Accept-Language": "en"})
    owner = chats.person("guide", Role.GUIDE)
    type(group).objects.filter(pk=group.pk).update(owner=owner)
    guide.force_login(owner)
    marketer.force_login(chats.person())

    assert guide.post(address, {"reason": "要求"}).status_code == 403
    refused = marketer.post(address, {"reason": ""}, follow=True)
    assert "Say why." in refused.content.decode()
    done = marketer.post(address, {"reason": "本人要求"}, follow=True).content.decode()

    assert "林小雨" not in done
    she.refresh_from_db()
    assert she.nickname == ""
