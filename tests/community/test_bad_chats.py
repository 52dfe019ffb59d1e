"""Bad exports of chats, each brought through the page and through the API: said clearly, nothing half kept, never a 500."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from community.errors.chats import ChatTooLarge
from community.models import (
    ChatImport,
    Group,
    GroupDay,
    GroupMessage,
    GroupParticipant,
    ParticipantDay,
    Stay,
    TalkEdge,
)
from community.services.chats import receive_chat
from community.services.importing import run_chat
from tests import api
from tests.community import chats

pytestmark = pytest.mark.django_db
BATCH = "/api/v1/group-messages/batch/"
ROWS = (
    ("2026-11-20 19:00", "小雨", "一瓶面霜还有货吗"),
    ("2026-11-20 19:01", "阿梅", "有的，看一下公告"),
    ("2026-11-20 19:02", "小雨", "谢谢大家"),
)
UNREADABLE = "Characters not readable in this encoding"


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield


def torn() -> Iterator[bytes]:
    """A disk that is full, or a connection that breaks off, after the first piece."""
    yield "发送时间,发送者,内容\n2026-11-20 19:00,小雨,".encode()
    raise ConnectionResetError


def test_file_that_breaks_off_leaves_no_word_on_the_disk(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        receive_chat(kind="messages", chunks=torn(), file_name="a.csv", group=chats.a_group(), by=None, now=chats.NOW)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not ChatImport.objects.exists()


def test_file_that_is_too_large_leaves_no_word_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.services.chats.MAX_UPLOAD", 3)
    with pytest.raises(ChatTooLarge):
        receive_chat(kind="messages", chunks=[b"1234"], file_name="a.csv", group=None, by=None, now=chats.NOW)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.fixture
def marketer() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(chats.person())
    return client


def brought(marketer: Client, data: bytes, group: Group | None, kind: str = "messages", name: str = "群聊.csv") -> str:
    """A file through the page, taken up by a worker; the page of the import, or the form that refuses it."""
    given = {"kind": kind, "group": str(group.pk) if group else "", "file": SimpleUploadedFile(name, data)}
    answer = marketer.post(reverse("community:chat_new"), given)
    if answer.status_code == 302:
        run_chat(job_id=ChatImport.objects.latest("pk").pk, now=chats.NOW)
        answer = marketer.get(answer["Location"])
        assert answer.status_code == 200
    else:
        assert answer.status_code in {400, 413}, answer.content.decode()
    return str(answer.content.decode())


def last() -> ChatImport:
    return ChatImport.objects.latest("pk")


def rejects(job: ChatImport) -> list[tuple[int, str]]:
    return list(job.rejects.order_by("line").values_list("line", "reason"))


def nothing() -> bool:
    kept = (GroupMessage, GroupParticipant, GroupDay, ParticipantDay, TalkEdge, Stay)
    return not any(model.objects.exists() for model in kept)


def sent(group: Group, text: str = "面霜还有货吗", **values: Any) -> dict[str, Any]:
    at = timezone.now() - timedelta(minutes=5)
    return {"group": group.pk, "speaker": "wx1", "sent_at": at.isoformat(), "text": text, **values}


# --- encodings


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_file_without_a_mark_is_read(marketer: Client, encoding: str) -> None:
    """Also one full of 一, whose bytes look like those of an ASCII character the other way round."""
    group = chats.a_group()
    shown = brought(marketer, chats.said(*ROWS).decode().encode(encoding), group)
    assert "Every row was understood." in shown
    assert set(GroupParticipant.objects.values_list("nickname", flat=True)) == {"小雨", "阿梅"}
    brought(
        marketer,
        chats.as_json([{"time": at, "sender": who, "text": text} for at, who, text in ROWS]).decode().encode(encoding),
        group,
        name="x.json",
    )
    assert last().counts["already"] == 3


def test_damaged_gbk_costs_its_rows_only(marketer: Client) -> None:
    """One byte lost, one byte wrong."""
    group = chats.a_group()
    lines = chats.said(*ROWS, ("2026-11-20 19:03", "晓晓", "再买一瓶")).decode().splitlines()
    raw = [line.encode("gbk") for line in lines]
    raw[2] = raw[2][:-1]
    raw[3] = raw[3].replace("谢".encode("gbk"), b"\xff\xd0", 1)

    shown = brought(marketer, b"\r\n".join(raw), group)

    assert (last().state, last().counts["stored"], rejects(last())) == (
        "done",
        2,
        [(3, "bad_encoding"), (4, "bad_encoding")],
    )
    assert UNREADABLE in shown
    assert "GB18030" in shown


@pytest.mark.parametrize(("most", "few"), [("gbk", "utf-8"), ("utf-8", "gbk")])
def test_file_put_together_from_two_encodings_names_the_foreign_rows(marketer: Client, most: str, few: str) -> None:
    """Read in the wrong encoding they would be other characters, and speakers whom nobody knows."""
    group = chats.a_group()
    lines = (
        chats.said(*ROWS, *((f"2026-11-20 19:1{n}", "小雨", f"第{n}句话也在") for n in range(9))).decode().splitlines()
    )
    foreign = {3, 4, 5, 7}
    raw = [line.encode(few if number in foreign else most) for number, line in enumerate(lines, 1)]

    shown = brought(marketer, b"\n".join(raw), group)

    assert rejects(last()) == [(number, "bad_encoding") for number in sorted(foreign)]
    assert UNREADABLE in shown
    assert set(GroupParticipant.objects.values_list("nickname", flat=True)) == {"小雨"}


def test_list_with_rows_in_another_encoding_brings_nothing(marketer: Client) -> None:
    group = chats.a_group()
    text = chats.table(
        ("成员ID", "昵称", "身份"), [("wx0", "群主小雨", "群主"), ("wx1", "阿梅", ""), ("wx2", "晓晓", "")]
    ).decode()
    raw = [line.encode("utf-8" if "阿梅" in line else "gbk") for line in text.splitlines()]

    shown = brought(marketer, b"\n".join(raw), group, "participants")

    assert "nothing of it was stored" in shown
    assert UNREADABLE in shown
    assert nothing()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (chats.said(*ROWS).decode().encode("utf-16") [:61] + b"\xd8" + chats.said(*ROWS).decode().encode("utf-16")[61:], "utf-16"),
        (bytes(range(1, 256)) * 40, "encoding"),
        (b"\x7fELF" + bytes(4_000), "neither a text table"),
        (gzip.compress(chats.said(*ROWS) * 50, mtime=0)[:60], "damaged"),
        (b'{"messages": [{"time": "2026-11-20 19:00", "sender": "\xff\xfe', "encoding"),
    ],
)  # fmt: skip
def test_file_that_cannot_be_read_is_said_and_leaves_nothing(marketer: Client, data: bytes, said: str) -> None:
    shown = brought(marketer, data, chats.a_group())
    assert 'role="alert"' in shown
    assert said in shown
    assert nothing()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps({"items": []}, ensure_ascii=False).encode("utf-16"), "application/json"),
        ('{"items": [{"text": "面霜"}]}'.encode("gbk"), "application/json"),
        (b'{"items": [{"text": "\\ud83d"}]}', "application/json"),
        (b'{"items": [{"text": "a\\u0000b"}]}', "application/json"),
        (b'{"items": [', "application/json"),
        ("时间,谁\n".encode(), "text/csv"),
    ],
)
def test_body_that_cannot_be_read_is_refused_in_the_shape_of_errors(body: bytes, kind: str) -> None:
    answer = api.client().generic("POST", BATCH, body, content_type=kind)
    assert answer.status_code in {400, 415}
    assert api.errors(answer)["message"]
    assert nothing()


# --- long texts


def test_ten_thousand_characters_are_taken_and_an_endless_line_is_named(marketer: Client) -> None:
    group = chats.a_group()
    rows = (*ROWS[:1], ("2026-11-20 19:05", "阿梅", "长" * 10_000), ("2026-11-20 19:06", "阿梅", "长" * 140_000))

    shown = brought(marketer, chats.said(*rows), group)

    assert (last().counts["stored"], rejects(last())) == (2, [(4, "line_too_long")])
    assert "Line too long" in shown
    assert sorted(GroupMessage.objects.values_list("length", flat=True)) == [8, 10_000]


def test_program_may_send_ten_thousand_characters_and_not_a_hundred_thousand() -> None:
    group = chats.a_group()
    answer = api.client().post(BATCH, {"items": [sent(group, "长" * 10_000), sent(group, "长" * 100_001)]}).json()
    assert (answer["stored"], [(each["index"], each["field"], each["reason"]) for each in answer["rejected"]]) == (
        1,
        [(1, "text", "max_length")],
    )
    assert GroupMessage.objects.get().length == 10_000


# --- speakers


def test_unknown_speakers_become_participants_and_nobody_is_not_one(marketer: Client) -> None:
    group = chats.a_group()
    known = chats.somebody(group, "小雨", speaker_key="小雨")
    rows = (*ROWS, ("2026-11-20 19:04", "　", "谁说的"))

    shown = brought(marketer, chats.said(*rows), group)

    assert rejects(last()) == [(5, "no_speaker")]
    assert "Nobody is named who said it" in shown
    people = {each.nickname: (each.pk == known.pk, each.member_id) for each in GroupParticipant.objects.all()}
    assert people == {"小雨": (True, None), "阿梅": (False, None)}


def test_program_names_unknown_speakers_too() -> None:
    group = chats.a_group()
    items = [sent(group), sent(group, speaker=""), sent(group, speaker="x" * 129), {"group": group.pk, "text": "?"}]
    answer = api.client().post(BATCH, {"items": items}).json()
    assert answer["stored"] == 1
    assert {(each["index"], each["field"]) for each in answer["rejected"]} == {
        (1, "speaker"),
        (2, "speaker"),
        (3, "speaker"),
        (3, "sent_at"),
    }
    assert GroupParticipant.objects.get().speaker_key == "wx1"


# --- the same once more


def sums() -> tuple[Any, ...]:
    return (
        sorted(GroupDay.objects.values_list("day", "messages", "speakers")),
        sorted(ParticipantDay.objects.values_list("participant__nickname", "day", "messages", "mentioned")),
        GroupMessage.objects.count(),
        Stay.objects.count(),
    )


def test_duplicate_and_overlapping_exports_count_everything_once(marketer: Client) -> None:
    group = chats.a_group()
    rows = [(f"2026-11-{18 + n // 8} 19:{n:02}", f"花友{n % 3}", f"第{n}句话") for n in range(20)]
    brought(marketer, chats.said(*rows[:14]), group)
    assert last().counts["stored"] == 14
    brought(marketer, chats.said(*rows[:14]), group, name="again.csv")
    assert (last().counts["stored"], last().counts["already"]) == (0, 14)
    shown = brought(marketer, chats.said(*rows[8:]).decode().encode("gb18030"), group)
    assert (last().counts["stored"], last().counts["already"]) == (6, 6)
    assert "There before" in shown
    overlapping = sums()

    other = chats.a_group()
    brought(marketer, chats.said(*rows), other)
    per_group = [
        sorted(GroupDay.objects.filter(group=each).values_list("day", "messages", "speakers"))
        for each in (group, other)
    ]
    assert per_group[0] == per_group[1]
    assert overlapping[2] == 20


def test_messages_of_a_program_overlap_with_those_of_before() -> None:
    group, client = chats.a_group(), api.client()
    at = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    items = [sent(group, f"第{n}句话", sent_at=(at + n * chats.MINUTE).isoformat()) for n in range(6)]
    answers = [client.post(BATCH, {"items": some}).json() for some in (items[:4], items[2:], items)]
    assert [(each["stored"], each["already_stored"]) for each in answers] == [(4, 0), (2, 2), (0, 6)]
    assert sum(GroupDay.objects.values_list("messages", flat=True)) == 6


def test_two_equal_messages_at_one_second_are_two_and_stay_two(marketer: Client) -> None:
    group = chats.a_group()
    row = ("2026-11-20 19:00:00", "小雨", "好的好的好的")
    brought(marketer, chats.said(row, row), group)
    brought(marketer, chats.said(row, row, ROWS[1]), group)
    assert (last().counts["stored"], last().counts["already"], GroupMessage.objects.count()) == (1, 2, 3)


# --- owners


def test_group_without_an_owner_is_not_opened_by_a_program() -> None:
    chats.person()
    body = {"name": "无主群", "type": "welfare", "opened_on": "2026-01-05"}
    client = api.client()
    for owner in ({}, {"owner": None}, {"owner": ""}, {"owner": "nobody"}):
        answer = client.post("/api/v1/groups/", {**body, **owner})
        assert answer.status_code == 400
        assert list(api.errors(answer)["fields"]) == ["owner"]
    assert not Group.objects.exists()


def test_list_without_an_owner_is_refused_on_the_page_and_of_a_program(marketer: Client) -> None:
    group = chats.a_group(name="无主群")
    shown = brought(marketer, chats.table(("成员ID", "昵称", "身份"), [("wx1", "阿梅", "")]), group, "participants")
    assert "names no owner of the chat “无主群”" in shown
    answer = api.client().post(f"/api/v1/groups/{group.pk}/participants/batch/", {"items": [{"key": "wx1"}]})
    assert answer.status_code == 400
    assert "无主群" in api.errors(answer)["message"]
    assert nothing()


def test_two_owners_are_named_on_the_page_and_to_a_program(marketer: Client) -> None:
    group = chats.a_group()
    header = ("成员ID", "昵称", "身份")
    shown = brought(
        marketer, chats.table(header, [("wx0", "一", "群主"), ("wx1", "二", "群主")]), group, "participants"
    )
    assert "A chat has one owner" in shown
    assert rejects(last()) == [(3, "second_owner")]
    assert nothing()

    address, client = f"/api/v1/groups/{group.pk}/participants/batch/", api.client()
    both = [{"key": "wx0", "role": "owner"}, {"key": "wx1", "role": "owner"}]
    answer = client.post(address, {"items": both}).json()
    assert [(each["index"], each["field"], each["reason"]) for each in answer["rejected"]] == [
        (1, "role", "second_owner")
    ]
    refused = client.post(address, {"items": both[1:]})
    assert refused.status_code == 422
    assert list(GroupParticipant.objects.values_list("speaker_key", "role")) == [("wx0", "owner")]
