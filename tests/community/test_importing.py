"""Files of chats: every encoding, broken bytes, unknown speakers, duplicates, kills; lists of participants."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation

from accounts.enums import Role
from audit.models import AuditEntry
from community.enums.messages import ChatKind
from community.errors.chats import ChatNotUsable, ChatStateWrong
from community.models import (
    ChatImport,
    GroupDay,
    GroupMessage,
    GroupParticipant,
    RulesAcknowledgement,
    Stay,
)
from community.services import importing
from community.services.chats import cancel_chat, tidy_chats
from community.services.group_rules import publish_rules
from community.services.groups import close_group
from community.services.importing import run_chat
from core.files import UnreadableFile
from members.enums import IdentityType
from members.models import Identity, Member
from tests.community import chats
from tests.community.chats import DAY, NOW
from timeline.models import Interaction

pytestmark = pytest.mark.django_db
TEXT = (
    ("2026-11-20 19:00", "小雨", "面霜还有货吗"),
    ("2026-11-20 19:01:30", "阿梅", "有的，@小雨 看公告"),
    ("2026/11/20 19:02", "小雨", "谢谢"),
)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def rejects(job: ChatImport) -> list[tuple[int, str, str]]:
    return list(job.rejects.order_by("line").values_list("line", "reason", "column"))


def roster(*rows: tuple[str, ...], header: tuple[str, ...] = ("成员ID", "昵称", "身份", "入群时间")) -> bytes:
    return chats.table(header, rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chat_is_read_in_every_encoding(encoding: str, django_capture_on_commit_callbacks: Any) -> None:
    group = chats.a_group()
    job = chats.received(chats.said(*TEXT).decode().encode(encoding), group)

    with django_capture_on_commit_callbacks(execute=True):
        job = run_chat(job_id=job.pk, now=NOW)

    assert (job.state, job.counts) == ("done", {"read": 3, "stored": 3, "already": 0, "skipped": 0, "rejected": 0})
    assert set(GroupParticipant.objects.values_list("nickname", flat=True)) == {"小雨", "阿梅"}
    assert not Path(job.path).exists()


def test_the_same_file_again_stores_nothing() -> None:
    group = chats.a_group()
    chats.imported(chats.said(*TEXT), group)

    job = chats.imported(chats.said(*TEXT), group)

    assert (job.counts["stored"], job.counts["already"]) == (0, 3)
    assert GroupMessage.objects.count() == 3
    assert GroupDay.objects.get(messages__gt=0).messages == 3


def test_torn_bytes_cost_their_own_row() -> None:
    group = chats.a_group()
    data = chats.said(*TEXT).replace("谢谢".encode(), b"\xe8\xb0\xff\xfe")

    job = chats.imported(data, group)

    assert (job.state, job.counts["stored"]) == ("done", 2)
    assert rejects(job) == [(4, "bad_encoding", "")]


def test_a_wide_file_that_is_torn_brings_nothing() -> None:
    group = chats.a_group()
    rows = [(f"2026-11-19 {n // 60 % 24:02}:{n % 60:02}", "小雨", f"第{n}句") for n in range(3_000)]
    data = chats.said(*rows).decode().encode("utf-16")[:-3] + b"\xd8"

    job = chats.imported(data, group)

    assert job.state == "failed"
    assert "cannot be read in the encoding utf-16" in job.error_text
    assert not GroupMessage.objects.exists()


def test_rows_that_say_too_little_are_named_and_the_others_kept() -> None:
    group = chats.a_group()

    job = chats.imported(
        chats.said(
            *TEXT,
            ("", "小雨", "没有时间"),
            ("2026-11-20 19:03", "", "没有人"),
            ("2026-13-40 19:03", "小雨", "没有这天"),
            ("2031-01-01 00:00", "小雨", "还没到"),
            ("2001-01-01 00:00", "小雨", "太久"),
        ),
        group,
    )

    assert job.counts["stored"] == 3
    assert rejects(job) == [
        (5, "no_moment", "sent_at"),
        (6, "no_speaker", "speaker_key"),
        (7, "bad_date", "sent_at"),
        (8, "future_date", "sent_at"),
        (9, "too_old", "sent_at"),
    ]
    assert [str(each.reason_label) for each in job.rejects.order_by("line")][:2] == [
        "No time is given",
        "Nobody is named who said it",
    ]


def test_notices_of_the_chat_itself_are_left_out() -> None:
    group = chats.a_group()
    header = ("time", "senderid", "sender", "type", "content")
    rows = (
        ("2026-11-20 19:00:00", "wx1", "小雨", "文本", "早"),
        ("2026-11-20 19:00:05", "", "", "系统消息", "“阿梅”加入了群聊"),
        ("2026-11-20 19:00:09", "wx1", "小雨", "图片", ""),
        ("2026-11-20 19:00:10", "wx1", "小雨", "量子消息", "?"),
    )

    job = chats.imported(chats.table(header, rows), group)

    assert job.counts == {"read": 4, "stored": 3, "already": 0, "skipped": 1, "rejected": 0}
    assert list(GroupMessage.objects.order_by("sent_at").values_list("kind", flat=True)) == ["text", "image", "other"]


def test_json_is_read_as_an_object_a_list_and_lines() -> None:
    rows: list[dict[str, Any]] = [
        {"msgId": 1, "createTime": 1_795_000_000, "fromUserName": "wx1", "nickname": "小雨", "content": "早"},
        {"msgId": 2, "createTime": 1_795_000_060_000, "fromUserName": "wx2", "nickname": "阿梅", "content": "早"},
    ]
    moments = []
    for data in (
        json.dumps({"messages": rows}, ensure_ascii=False),
        json.dumps(rows),
        "\n".join(json.dumps(row) for row in rows),
    ):
        group = chats.a_group()
        job = chats.imported(data.encode(), group)
        assert (job.layout, job.state, job.counts.get("stored")) == ("json", "done", 2)
        moments.append(
            list(GroupMessage.objects.filter(group=group).order_by("sent_at").values_list("sent_at", flat=True))
        )
    assert moments[0] == moments[1] == moments[2]
    assert (moments[0][1] - moments[0][0]).total_seconds() == 60


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"messages": [{"time": "2026-11-20 19:00", "sender": "a"', "breaks off or is damaged"),
        (b'{"title": "x"}', "no list of messages"),
        (b"", "The file is empty."),
        (b"%PDF-1.4 x", "neither a text table"),
        ("内容,备注\n早,x\n".encode(), "No column tells when a message was sent"),
        ("时间,内容\n2026-11-20,早\n".encode(), "No column tells who it is about"),
    ],
)
def test_a_file_that_is_no_chat_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises((ChatNotUsable, UnreadableFile)) as refused:
        chats.received(data, chats.a_group())
    assert said in str(refused.value)
    assert not ChatImport.objects.exists()


def test_a_file_of_several_groups_is_sorted_by_name_and_number() -> None:
    one, two = chats.a_group(name="一群"), chats.a_group(source="wecom", external_id="wr2")
    header = ("群名", "时间", "发送者", "内容")
    rows = (
        ("一群", "2026-11-20 19:00", "小雨", "早"),
        ("wr2", "2026-11-20 19:00", "小雨", "早"),
        ("三群", "2026-11-20 19:00", "小雨", "早"),
    )

    job = chats.imported(chats.table(header, rows), None)

    assert sorted(GroupMessage.objects.values_list("group", flat=True)) == sorted([one.pk, two.pk])
    assert rejects(job) == [(4, "unknown_group", "group")]
    with pytest.raises(ChatNotUsable):
        chats.received(chats.said(*TEXT), None)


def test_groups_of_others_are_not_known_to_who_may_not_see_them() -> None:
    here, there = chats.store(), chats.store()
    chats.a_group(name="别家群", store_id=there.pk)
    manager = chats.person("manager", Role.STORE_MANAGER, here)

    job = chats.imported(
        chats.table(("群", "时间", "发送者", "内容"), [("别家群", "2026-11-20 19:00", "小雨", "早")]), None, by=manager
    )

    assert rejects(job) == [(2, "unknown_group", "group")]


def test_what_was_said_after_a_group_closed_is_not_its() -> None:
    group = chats.a_group()
    close_group(group=group, reason="合并", by=None, now=NOW - 3 * DAY)

    job = chats.imported(chats.said(("2026-11-16 19:00", "小雨", "早"), ("2026-11-19 19:00", "小雨", "还在吗")), group)

    assert (job.counts["stored"], rejects(job)) == (1, [(3, "group_closed", "sent_at")])


def test_a_killed_import_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    group = chats.a_group()
    monkeypatch.setattr(importing, "CHUNK_ROWS", 2)
    job = chats.received(chats.said(*((f"2026-11-20 19:0{n}", "小雨", f"第{n}句") for n in range(7))), group)
    stores = importing.store_messages

    def killed(**values: Any) -> Any:
        if values["rows"] and values["rows"][0][0] > 4:
            raise KeyboardInterrupt
        return stores(**values)

    monkeypatch.setattr(importing, "store_messages", killed)
    with pytest.raises(KeyboardInterrupt):
        run_chat(job_id=job.pk, now=NOW)
    job.refresh_from_db()
    assert (job.state, job.last_line, job.counts["stored"], GroupMessage.objects.count()) == ("running", 5, 4, 4)

    monkeypatch.setattr(importing, "store_messages", stores)
    job = run_chat(job_id=job.pk, now=NOW)

    assert (job.state, job.counts["read"], job.counts["stored"]) == ("done", 7, 7)
    assert GroupDay.objects.get(messages__gt=0).messages == 7


def test_an_import_is_given_up_after_some_attempts() -> None:
    job = chats.received(chats.said(*TEXT), chats.a_group())
    ChatImport.objects.filter(pk=job.pk).update(attempts=importing.MAX_ATTEMPTS)

    job = run_chat(job_id=job.pk, now=NOW)

    assert (job.state, job.error["code"]) == ("failed", "chat_import_given_up")
    assert not GroupMessage.objects.exists()


def test_a_file_that_is_gone_is_said() -> None:
    job = chats.received(chats.said(*TEXT), chats.a_group())
    Path(job.path).unlink()

    assert run_chat(job_id=job.pk, now=NOW).error["code"] == "chat_file_gone"


def test_an_import_that_was_called_off_stores_no_more(django_capture_on_commit_callbacks: Any) -> None:
    job = chats.received(chats.said(*TEXT), chats.a_group())
    with django_capture_on_commit_callbacks(execute=True):
        cancel_chat(job=job, by=chats.person(), now=NOW)

    assert run_chat(job_id=job.pk, now=NOW).state == "cancelled"
    assert not GroupMessage.objects.exists()
    assert not Path(job.path).exists()
    with pytest.raises(ChatStateWrong):
        cancel_chat(job=job, by=chats.person(), now=NOW)


def test_the_same_upload_twice_is_one_import() -> None:
    group = chats.a_group()
    first, second = chats.received(chats.said(*TEXT), group), chats.received(chats.said(*TEXT), group)
    assert first.pk == second.pk
    assert AuditEntry.objects.filter(action="community.import_chat").count() == 1


def test_files_that_a_crash_left_go_after_a_day() -> None:
    job = chats.received(chats.said(*TEXT), chats.a_group())
    left = Path(job.path).parent / "left-behind"
    left.write_bytes(b"x")

    assert tidy_chats(now=NOW.replace(year=2032)) == 1

    assert not left.exists()
    assert Path(job.path).exists()
    Path(job.path).unlink()


def test_a_list_of_participants_is_taken_over_whole() -> None:
    group = chats.a_group()
    publish_rules(group=group, text="友善", by=None, now=NOW - 99 * DAY)
    member = chats.member()
    Identity.objects.create(member=member, type=IdentityType.EXTERNAL_ID, lookup="M1", source="test")
    header = ("成员ID", "昵称", "身份", "入群时间", "退群时间", "邀请人", "会员号", "已读群规")
    rows = (
        ("wx0", "群主", "群主", "2026-01-05", "", "", "", "是"),
        ("wx1", "小雨", "", "2026-03-01 10:00", "", "群主", "M1", "是"),
        ("wx2", "阿梅", "管理员", "2026-03-02", "2026-04-01", "wx0", "", ""),
    )

    job = chats.imported(chats.table(header, rows), group, ChatKind.PARTICIPANTS)

    assert (job.state, job.counts["stored"], job.error_text) == ("done", 3, "")
    people = {row.speaker_key: row for row in GroupParticipant.objects.all()}
    assert {key: row.role for key, row in people.items()} == {"wx0": "owner", "wx1": "ordinary", "wx2": "keeper"}
    assert people["wx1"].member == member
    stays = {stay.participant.speaker_key: stay for stay in Stay.objects.all()}
    assert (stays["wx1"].inviter, stays["wx2"].left_at is not None) == (people["wx0"], True)
    assert RulesAcknowledgement.objects.count() == 2
    assert list(Interaction.objects.values_list("member", "kind")) == [(member.pk, "join")]

    again = chats.imported(chats.table(header, rows), group, ChatKind.PARTICIPANTS)
    assert (again.state, Stay.objects.count(), GroupParticipant.objects.count()) == ("done", 3, 3)


def test_a_list_once_more_after_a_merge_tells_nothing_twice_and_names_both_places_of_hers() -> None:
    group = chats.a_group()
    gone, stays = chats.member(), chats.member()
    for who, number in ((gone, "M1"), (stays, "M2")):
        Identity.objects.create(member=who, type=IdentityType.EXTERNAL_ID, lookup=number, source="test")
    header = ("成员ID", "昵称", "身份", "入群时间", "会员号")
    rows = [
        ("wx0", "群主", "群主", "2026-01-05", ""),
        ("wx1", "小雨", "", "2026-03-01 10:00", "M1"),
        ("wx2", "小雨二号", "", "2026-03-02 10:00", "M2"),
    ]
    chats.imported(chats.table(header, rows), group, ChatKind.PARTICIPANTS)
    Member.objects.filter(pk=gone.pk).update(merged_into=stays)

    again = chats.imported(chats.table(header, rows), group, ChatKind.PARTICIPANTS)
    assert (again.state, again.counts["stored"]) == ("done", 3)
    assert sorted(Interaction.objects.values_list("member", flat=True)) == [gone.pk, stays.pk]

    third = chats.imported(
        chats.table(header, [*rows, ("wx3", "小雨三号", "", "", "M1")]), group, ChatKind.PARTICIPANTS
    )
    assert GroupParticipant.objects.filter(member__isnull=False).count() == 2, third.state


def test_two_owners_are_refused_and_nothing_is_kept() -> None:
    group = chats.a_group()

    job = chats.imported(
        roster(("wx0", "一", "群主", ""), ("wx1", "二", "群主", ""), ("wx2", "三", "", "")),
        group,
        ChatKind.PARTICIPANTS,
    )

    assert job.state == "failed"
    assert job.error_text == (
        "1 row of the list cannot be taken over, so nothing of it was stored. Correct the row below and upload it again."
    )
    assert rejects(job) == [(3, "second_owner", "role")]
    assert not GroupParticipant.objects.exists()


def test_a_second_owner_beside_a_known_one_is_refused_unless_she_steps_down() -> None:
    group = chats.a_group()
    chats.imported(roster(("wx0", "一", "群主", "")), group, ChatKind.PARTICIPANTS)

    refused = chats.imported(roster(("wx1", "二", "群主", "")), group, ChatKind.PARTICIPANTS)
    taken = chats.imported(roster(("wx1", "二", "群主", ""), ("wx0", "一", "管理员", "")), group, ChatKind.PARTICIPANTS)

    assert (refused.state, taken.state) == ("failed", "done")
    roles = GroupParticipant.objects.values_list("speaker_key", "role")
    assert sorted(roles) == [("wx0", "keeper"), ("wx1", "owner")]


def test_a_chat_without_an_owner_is_refused_with_a_sentence() -> None:
    group = chats.a_group(name="无主群")

    job = chats.imported(roster(("wx1", "二", "", "")), group, ChatKind.PARTICIPANTS)

    assert job.error_text == (
        "The file names no owner of the chat “无主群”, and none is known. Put “owner” (群主) in the column of roles; "
        "nothing was stored."
    )
    assert not GroupParticipant.objects.exists()


def test_a_list_that_contradicts_itself_names_each_row() -> None:
    group, other = chats.a_group(), chats.member()
    Identity.objects.create(member=other, type=IdentityType.EXTERNAL_ID, lookup="M2", source="test")
    header = ("成员ID", "昵称", "身份", "入群时间", "退群时间", "会员号")
    rows = (
        ("wx0", "一", "群主", "", "", "M2"),
        ("wx0", "一", "", "", "", ""),
        ("wx3", "三", "皇帝", "", "", ""),
        ("wx4", "四", "", "2026-03-02", "2026-03-01", ""),
        ("wx5", "五", "", "", "", "M99"),
        ("wx6", "六", "", "", "", "M2"),
    )

    job = chats.imported(chats.table(header, rows), group, ChatKind.PARTICIPANTS)

    assert sorted(rejects(job)) == [
        (3, "twice", "speaker_key"),
        (4, "unknown_role", "role"),
        (5, "left_before", "left_at"),
        (6, "unknown_member", "member"),
        (7, "member_twice", "member"),
    ]
    assert not GroupParticipant.objects.exists()


def test_a_list_corrects_stays_that_began_with_a_message() -> None:
    group = chats.a_group()
    chats.imported(chats.said(*TEXT), group)

    chats.imported(
        chats.table(("昵称", "身份", "入群时间"), [("小雨", "群主", "2026-02-01")]), group, ChatKind.PARTICIPANTS
    )

    stay = Stay.objects.get(participant__nickname="小雨")
    assert (stay.joined_at.date().isoformat(), stay.joined_how) == ("2026-01-31", "unknown")


def test_a_job_that_is_none_is_none() -> None:
    with pytest.raises(ObjectDoesNotExist):
        run_chat(job_id=987_654, now=NOW)
