"""Messages of chats: stored once, with the sums per day, the contacts of members, and texts for those who agreed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from audit.models import AuditEntry
from community.errors.chats import MessagesNotStored
from community.models import (
    BatchScan,
    GroupDay,
    GroupMessage,
    GroupParticipant,
    MessageDigest,
    MessageText,
    ParticipantDay,
    Stay,
    TalkEdge,
    batch_scans,
)
from community.services.chat_reading import MessageReader, Said, Surroundings
from community.services.participants import leave, link_member, unlink_member
from community.services.storing import MessagesStored, store_messages
from community.services.texts import forget_texts
from compliance.enums.consent import ConsentAction, ConsentSource
from compliance.services import consent
from core.services.sealing import open_rows
from members.models import Member
from tests.community import chats
from tests.community.chats import DAY, MINUTE, NOW
from timeline.consumers import RebuiltInteractionDays
from timeline.models import Interaction, InteractionDay, Rebuild
from timeline.services import follow_all

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 20)
LONG = "今晚八点直播间有秋季护肤套装"


def stored(*messages: dict[str, Any], job_id: int | None = None) -> MessagesStored:
    reader = MessageReader(Surroundings(zone=ZONE, latest=NOW))
    rows = [
        reader.row(Said(line=line, **{"kind": "text", "nickname": values["speaker"], **values}))
        for line, values in enumerate(messages, 1)
    ]
    return store_messages(now=NOW, rows=rows, job_id=job_id)


def message(group_id: int, speaker: str, text: str = "早", at: Any = NOW - 2 * MINUTE, **values: Any) -> dict[str, Any]:
    return {"group_id": group_id, "speaker": speaker, "text": text, "sent_at": at, **values}


def agrees(member: Member, action: str = ConsentAction.GRANT, at: Any = NOW - DAY) -> None:
    said = consent.ConsentIn(member_id=member.pk, purpose="personalisation", action=action, occurred_at=at)
    consent.record(said=said, source=ConsentSource.STAFF, by=chats.person(), now=max(at, NOW - DAY))


@pytest.fixture
def seen() -> Iterator[list[dict[str, Any]]]:
    """What a scan is shown."""
    rows: list[dict[str, Any]] = []

    def look(cursor: Any, batch: str, now: Any) -> None:
        cursor.execute(f"SELECT * FROM {batch} ORDER BY message_id")
        names = [column.name for column in cursor.description]
        rows.extend(dict(zip(names, row, strict=True)) for row in cursor.fetchall())

    batch_scans.register(BatchScan(code="test", scan=look))
    yield rows
    del batch_scans._entries["test"]


def test_messages_are_counted_by_speaker_day_and_hour() -> None:
    group = chats.a_group()
    yesterday = NOW - DAY

    answer = stored(
        message(group.pk, "小雨", "今天到货了吗"),
        message(group.pk, "小雨", "想要面霜"),
        message(group.pk, "阿梅", "同问", at=yesterday),
    )

    assert answer == MessagesStored(offered=3, stored=3)
    days = {row.day: row for row in GroupDay.objects.filter(group=group)}
    assert (days[TODAY].messages, days[TODAY].speakers) == (2, 1)
    assert days[TODAY].hours == [0] * 19 + [2] + [0] * 4
    assert (days[TODAY - timedelta(days=1)].messages, days[TODAY - timedelta(days=1)].hours[20]) == (1, 1)
    said = ParticipantDay.objects.values_list("participant__nickname", "day", "messages")
    assert sorted(said) == [("小雨", TODAY, 2), ("阿梅", TODAY - timedelta(days=1), 1)]


def test_the_same_messages_again_change_nothing() -> None:
    group = chats.a_group()
    rows = [message(group.pk, "小雨", "面霜"), message(group.pk, "小雨", "面霜"), message(group.pk, "阿梅", "好的")]
    stored(*rows)

    again = stored(*rows)

    assert again == MessagesStored(offered=3, stored=0)
    assert GroupMessage.objects.count() == 3  # two equal ones were said twice
    assert GroupDay.objects.get(messages__gt=0).messages == 3


def test_an_export_that_overlaps_brings_what_is_new() -> None:
    group = chats.a_group()
    first = [
        message(group.pk, "小雨", "面霜", at=NOW - 9 * MINUTE),
        message(group.pk, "阿梅", "好的", at=NOW - 8 * MINUTE),
    ]
    stored(*first)

    answer = stored(first[1], message(group.pk, "晓晓", "新来的", at=NOW - 7 * MINUTE))

    assert (answer.stored, answer.already_stored) == (1, 1)
    day = GroupDay.objects.get(day=TODAY)
    assert (day.messages, day.speakers, sum(day.hours)) == (3, 3, 3)


def test_a_number_of_the_source_makes_a_message_one() -> None:
    group = chats.a_group()

    answer = stored(
        message(group.pk, "小雨", "一", number="77"),
        message(group.pk, "小雨", "改过的", number="77"),
        message(group.pk, "小雨", "三", number="78"),
    )

    assert answer.stored == 2


def test_a_stay_begins_with_the_first_message_where_nobody_told() -> None:
    group = chats.a_group()
    stored(message(group.pk, "小雨", at=NOW - DAY))

    stored(message(group.pk, "小雨", at=NOW - 3 * DAY), message(group.pk, "小雨"))

    stay = Stay.objects.get()
    assert (stay.joined_at, stay.joined_how, stay.left_at) == (NOW - 3 * DAY, "seen", None)
    assert not GroupDay.objects.filter(joined__gt=0).exists(), "speaking is no joining"


def test_who_speaks_after_she_left_has_come_back() -> None:
    group = chats.a_group()
    stored(message(group.pk, "小雨", at=NOW - 5 * DAY))
    Stay.objects.update(left_at=NOW - 4 * DAY, left_how="left")

    stored(message(group.pk, "小雨"))

    assert list(Stay.objects.order_by("joined_at").values_list("joined_at", "left_at")) == [
        (NOW - 5 * DAY, NOW - 4 * DAY),
        (NOW - 2 * MINUTE, None),
    ]


def test_who_turns_to_whom_is_counted() -> None:
    group = chats.a_group()
    stored(message(group.pk, "小雨", "早", at=NOW - 9 * MINUTE), message(group.pk, "阿梅", "早", at=NOW - 8 * MINUTE))

    stored(
        message(group.pk, "小雨", "@阿梅 今天的套装在哪里买"),
        message(group.pk, "小雨", "谢谢", reply="阿梅"),
        message(group.pk, "阿梅", "@所有人 看公告", reply="小雨"),
    )

    edges = TalkEdge.objects.values_list("from_participant__nickname", "to_participant__nickname", "count")
    assert sorted(edges) == [("小雨", "阿梅", 2), ("阿梅", "小雨", 1)]
    assert ParticipantDay.objects.get(participant__nickname="阿梅").mentioned == 2


def test_a_name_that_two_bear_is_nobodys() -> None:
    group = chats.a_group()
    stored(message(group.pk, "wx1", nickname="小雨"), message(group.pk, "wx2", nickname="小雨"))

    stored(message(group.pk, "wx3", "@小雨 在吗"))

    assert not TalkEdge.objects.exists()


def test_a_member_has_one_contact_a_day() -> None:
    group = chats.a_group()
    member = chats.member()
    chats.somebody(group, speaker_key="wx1", member_id=member.pk)
    Interaction.objects.all()

    stored(message(group.pk, "wx1", "早"), message(group.pk, "wx1", "晚", at=NOW - MINUTE))
    stored(message(group.pk, "wx1", "还有吗", at=NOW - timedelta(seconds=30)))

    told = Interaction.objects.filter(member=member, kind="message")
    assert list(told.values_list("subject", "channel", "occurred_at")) == [(group.name, "group", NOW - 2 * MINUTE)]


def test_a_member_found_out_later_has_the_days_on_which_she_spoke() -> None:
    group = chats.a_group()
    stored(message(group.pk, "wx1", at=NOW - DAY), message(group.pk, "wx1"), message(group.pk, "wx2"))
    participant = GroupParticipant.objects.get(speaker_key="wx1")
    member = chats.member()

    link_member(participant=participant, member=member, by=chats.person(), now=NOW)
    unlink_member(participant=participant, reason="认错了", by=chats.person(), now=NOW)
    link_member(participant=participant, member=member, by=chats.person(), now=NOW)

    told = Interaction.objects.filter(member=member).order_by("occurred_at")
    assert list(told.values_list("kind", "occurred_at")) == [("message", NOW - DAY), ("message", NOW - 2 * MINUTE)]


def test_what_was_told_of_her_before_she_was_merged_is_not_told_again() -> None:
    group = chats.a_group()
    gone, stays = chats.member(), chats.member()
    person = chats.somebody(group, speaker_key="wx1", member_id=gone.pk, joined_at=NOW - 3 * DAY)
    stored(message(group.pk, "wx1", at=NOW - DAY), message(group.pk, "wx1", at=NOW - MINUTE))
    leave(participant=person, at=NOW - MINUTE, how="left", by=None, now=NOW)
    Member.objects.filter(pk=gone.pk).update(merged_into=stays)

    stored(message(group.pk, "wx1", "还在"))
    chats.somebody(group, speaker_key="wx1", member_id=stays.pk, joined_at=NOW + MINUTE)

    told = Interaction.objects.order_by("kind", "occurred_at").values_list("member", "kind", "occurred_at")
    assert list(told) == [
        (gone.pk, "join", NOW - 3 * DAY),
        (stays.pk, "join", NOW + MINUTE),
        (gone.pk, "message", NOW - DAY),
        (gone.pk, "message", NOW - MINUTE),
    ]


def test_what_a_wrong_link_told_her_timeline_is_taken_back() -> None:
    group, elsewhere = chats.a_group(), chats.a_group()
    for where in (group, elsewhere):
        stored(message(where.pk, "wx1", at=NOW - DAY), message(where.pk, "wx1"))
    member = chats.member()
    here, there = (GroupParticipant.objects.get(group=where) for where in (group, elsewhere))
    for participant in (here, there):
        link_member(participant=participant, member=member, by=chats.person(), now=NOW)
    follow_all(now=NOW)
    assert sum(InteractionDay.objects.filter(member=member).values_list("count", flat=True)) == 4

    unlink_member(participant=here, reason="认错了", by=chats.person(), now=NOW)

    assert set(Interaction.objects.filter(member=member).values_list("subject", flat=True)) == {elsewhere.name}
    assert AuditEntry.objects.get(action="community.unlink_member").changes["facts"] == [2, 0]
    assert list(Rebuild.objects.values_list("member", "reason")) == [(member.pk, "not her")]
    with connection.cursor() as cursor:
        RebuiltInteractionDays().handle(cursor, "timeline_rebuild")
    assert sum(InteractionDay.objects.filter(member=member).values_list("count", flat=True)) == 2


def test_who_is_the_same_member_by_a_merge_keeps_what_she_did() -> None:
    group, member = chats.a_group(), chats.member()
    absorbed = chats.member()
    for key, who in (("wx1", member), ("wx2", absorbed)):
        stored(message(group.pk, key, at=NOW - DAY if key == "wx1" else NOW - 2 * MINUTE))
        link_member(participant=GroupParticipant.objects.get(speaker_key=key), member=who, by=None, now=NOW)
    Member.objects.filter(pk=absorbed.pk).update(merged_into=member)

    unlink_member(participant=GroupParticipant.objects.get(speaker_key="wx1"), reason="认错了", by=None, now=NOW)

    told = Interaction.objects.filter(member=member)
    assert list(told.values_list("occurred_at", flat=True)) == [NOW - 2 * MINUTE]


def test_texts_are_kept_for_who_agreed_and_for_nobody_else() -> None:
    group = chats.a_group()
    agreed, silent = chats.member(), chats.member()
    agrees(agreed)
    chats.somebody(group, speaker_key="wx1", member_id=agreed.pk)
    chats.somebody(group, speaker_key="wx2", member_id=silent.pk)

    stored(*(message(group.pk, speaker, LONG) for speaker in ("wx1", "wx2", "wx3")))

    (text,) = MessageText.objects.all()
    assert (text.member_id, GroupMessage.objects.get(pk=text.message_id).length) == (agreed.pk, len(LONG))
    assert LONG.encode() not in bytes(text.text)
    assert open_rows(MessageText._meta.get_field("text"), [text]) == [LONG]


def test_texts_older_than_their_retention_are_not_kept() -> None:
    group = chats.a_group()
    member = chats.member()
    agrees(member)
    chats.somebody(group, speaker_key="wx1", member_id=member.pk)

    stored(message(group.pk, "wx1", LONG, at=NOW - 31 * DAY), message(group.pk, "wx1", LONG, at=NOW - 29 * DAY))

    assert [text.sent_at for text in MessageText.objects.all()] == [NOW - 29 * DAY]


def test_a_withdrawal_takes_the_texts_with_it() -> None:
    group = chats.a_group()
    stays, goes = chats.member(), chats.member()
    for place, member in enumerate((stays, goes)):
        agrees(member)
        chats.somebody(group, speaker_key=f"wx{place}", member_id=member.pk)
    stored(message(group.pk, "wx0", LONG), message(group.pk, "wx1", LONG))
    agrees(goes, ConsentAction.WITHDRAW, at=NOW - MINUTE)

    assert forget_texts(now=NOW) == 1

    assert [text.member_id for text in MessageText.objects.all()] == [stays.pk]


def test_fingerprints_are_kept_for_a_week() -> None:
    group = chats.a_group()

    stored(
        message(group.pk, "小雨", LONG, at=NOW - 8 * DAY),
        message(group.pk, "阿梅", f"{LONG}！！", at=NOW - DAY),
        message(group.pk, "晓晓", LONG),
        message(group.pk, "晓晓", "好的"),
    )

    digests = MessageDigest.objects.order_by("sent_at")
    assert [row.participant.nickname for row in digests] == ["阿梅", "晓晓"]
    assert len({row.digest for row in digests}) == 1


def test_a_scan_sees_every_new_message_once_with_its_text(seen: list[dict[str, Any]]) -> None:
    group = chats.a_group()
    member = chats.member()
    chats.somebody(group, speaker_key="wx1", member_id=member.pk)
    rows = [message(group.pk, "wx1", f"{LONG} https://a.example/x"), message(group.pk, "wx2", "图", kind="image")]

    stored(*rows)
    stored(*rows)

    assert [(row["text"], row["links"], row["member_id"], row["kind"]) for row in seen] == [
        (f"{LONG} https://a.example/x", 1, member.pk, "text"),
        ("", 0, None, "image"),
    ] or [row["kind"] for row in seen] == ["image", "text"]
    assert {row["message_id"] for row in seen} == set(GroupMessage.objects.values_list("pk", flat=True))
    assert {row["day"] for row in seen} == {TODAY}


def test_what_a_scan_refuses_leaves_nothing() -> None:
    group = chats.a_group()

    def fail(*_args: Any) -> None:
        raise ZeroDivisionError

    batch_scans.register(BatchScan(code="test", scan=fail))
    try:
        with pytest.raises(ZeroDivisionError):
            stored(message(group.pk, "小雨"))
    finally:
        del batch_scans._entries["test"]

    assert not GroupMessage.objects.exists()
    assert not GroupParticipant.objects.exists()
    assert not GroupDay.objects.exists()


def test_a_group_that_is_none_is_refused() -> None:
    with pytest.raises(MessagesNotStored):
        stored(message(987_654, "小雨"))


def test_a_message_of_ten_thousand_characters_is_counted_whole() -> None:
    group = chats.a_group()

    stored(message(group.pk, "小雨", "长" * 25_000), message(group.pk, "阿梅", "长" * 10_000))

    assert sorted(GroupMessage.objects.values_list("length", flat=True)) == [10_000, 25_000]


def test_messages_of_an_old_month_find_their_partition() -> None:
    group = chats.a_group()

    stored(message(group.pk, "小雨", at=NOW.replace(year=2019, month=3)))

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM community_groupmessage")
        assert cursor.fetchall() == [("community_groupmessage_201903",)]
