"""What communities do by themselves: one process at a time, and one row that fails holds up no other."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, connection

from community import tasks
from community.models import BatchScan, ChatImport, GroupMessage, MessageText, TitleHolding, batch_scans
from community.services import chats as chat_service
from community.services import texts, titles
from community.services.chats import receive_chat, tidy_chats, wake_unfinished
from community.services.importing import MAX_ATTEMPTS, run_chat
from community.services.texts import forget_texts
from community.services.titles import Kept, keep_titles
from compliance.enums.consent import ConsentAction
from tests.community import cast, chats
from tests.community.chats import DAY, MINUTE, NOW
from tests.community.test_storing import LONG, agrees, message, stored
from tests.community.test_titles import NOW as THAT_DAY
from tests.community.test_titles import spoke
from tests.rivals import claimed_elsewhere

pytestmark = pytest.mark.django_db
TOGETHER = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def failing(act: Callable[..., Any], on: Callable[[Any], bool]) -> Callable[..., Any]:
    """`act`, but the database refuses what `on` says of its first argument."""

    def planted(first: Any, *rest: Any, **named: Any) -> Any:
        if on(first):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return act(first, *rest, **named)

    return planted


# --- titles


def test_type_whose_titles_fail_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = cast.group(type_code="honour"), cast.group(type_code="interest")
    for each in (bad, good):
        spoke(cast.participant(each), days=12, messages=5, mentioned=1)
    monkeypatch.setattr(titles, "_keep", failing(titles._keep, lambda type_id: type_id == bad.type_id))

    with pytest.raises(DataError):
        keep_titles(now=THAT_DAY)

    assert set(TitleHolding.objects.values_list("group", flat=True)) == {good.pk}


@TOGETHER
def test_titles_are_kept_by_one_process_at_a_time() -> None:
    who = cast.participant(cast.group())
    spoke(who, days=5, messages=3)
    with claimed_elsewhere(titles.WORK):
        assert keep_titles(now=THAT_DAY) == Kept(0, 0)
    assert keep_titles(now=THAT_DAY) == Kept(1, 0)


# --- texts


def refusing(number: int) -> list[int]:
    """Members whose texts lie here and who have withdrawn since."""
    group, people = chats.a_group(), [chats.member() for _each in range(number)]
    for place, member in enumerate(people):
        agrees(member)
        chats.somebody(group, speaker_key=f"wx{place}", member_id=member.pk)
    stored(*(message(group.pk, f"wx{place}", LONG) for place in range(number)))
    for member in people:
        agrees(member, ConsentAction.WITHDRAW, at=NOW - MINUTE)
    return [member.pk for member in people]


def test_members_whose_texts_cannot_be_deleted_stop_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = refusing(2)
    monkeypatch.setattr(texts, "AT_ONCE", 1)

    def refused(members: Any, *, now: Any) -> list[int]:
        assert now
        if list(members) == [bad]:
            raise ZeroDivisionError
        return []

    monkeypatch.setattr(texts, "agreed", refused)
    with pytest.raises(ZeroDivisionError):
        forget_texts(now=NOW)

    assert list(MessageText.objects.values_list("member", flat=True)) == [bad]
    assert good not in MessageText.objects.values_list("member", flat=True)


@TOGETHER
def test_texts_are_deleted_by_one_process_at_a_time() -> None:
    refusing(1)
    with claimed_elsewhere(texts.WORK):
        assert forget_texts(now=NOW) == 0
    assert forget_texts(now=NOW) == 1


# --- chats


def waiting(number: int) -> list[ChatImport]:
    said = chats.said(("2026-11-20 19:00", "小雨", "面霜还有货吗"))
    return [chats.received(said, chats.a_group()) for _each in range(number)]


def test_import_that_fails_stops_no_other_and_is_given_up_in_words() -> None:
    bad, good = waiting(2)

    def scan(cursor: Any, batch: Any, _now: Any) -> None:
        cursor.execute(f"SELECT min(group_id) FROM {batch}")
        if cursor.fetchone() == (bad.group_id,):
            raise ZeroDivisionError

    batch_scans.register(BatchScan(code="test", scan=scan))
    try:
        for _attempt in range(MAX_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                run_chat(job_id=bad.pk, now=NOW)
        assert run_chat(job_id=good.pk, now=NOW).state == "done"
        assert run_chat(job_id=bad.pk, now=NOW).error["code"] == "chat_import_given_up"
    finally:
        del batch_scans._entries["test"]
    assert set(GroupMessage.objects.values_list("group", flat=True)) == {good.group_id}


@TOGETHER
def test_import_that_another_worker_has_is_left_to_it() -> None:
    (job,) = waiting(1)
    with claimed_elsewhere(chat_service.TASK, job.pk):
        tasks.import_chat(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("queued", 0)
    tasks.import_chat(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 1)


def test_import_of_which_no_worker_can_be_told_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = waiting(2)
    told: list[int] = []

    def away(_task: str, job_id: int, **_options: Any) -> None:
        if job_id == first.pk:
            raise ConnectionError
        told.append(job_id)

    monkeypatch.setattr(chat_service.waking, "wake", away)
    with pytest.raises(ConnectionError):
        wake_unfinished()
    assert told == [second.pk]


def test_file_that_cannot_be_removed_keeps_no_other(tmp_path: Path) -> None:
    (job,) = waiting(1)
    folder = Path(job.path).parent
    (folder / "a-folder").mkdir()
    left = [folder / "0-left", folder / "z-left"]
    for path in left:
        path.write_bytes(b"x")
    assert folder.is_relative_to(tmp_path)

    with pytest.raises(OSError, match="a-folder"):
        tidy_chats(now=NOW + timedelta(days=3650))

    assert not any(path.exists() for path in left)
    assert Path(job.path).exists()


def test_file_of_an_import_that_was_never_kept_is_not_left() -> None:
    group = chats.a_group()
    with pytest.raises(chat_service.ChatNotUsable):
        receive_chat(
            kind="messages", chunks=["内容\n早\n".encode()], file_name="x.csv", group=group, by=None, now=NOW - DAY
        )
    assert list(chat_service._folder().iterdir()) == []
