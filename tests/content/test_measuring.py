"""What members did with a slot is followed from the timeline, once each; reports are read, or refused with a sentence."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from content.consumers import SlotReaches
from content.errors import ReportNotRead
from content.models import LiveReport, PlatformReport, Slot, SlotReach, SlotResult
from content.privacy import export_content
from content.selectors.results import people_by_act, recorded_acts, results_of
from content.services.measuring import measure_all
from content.services.reports import ReportRead, read_report, store_report
from content.services.slots import publish_slot, schedule_slot, submit_slot
from core.files import UnreadableFile
from core.registries import privacy
from tests.content.people import DAY, HOUR, NOW, approved, marketer, slot
from tests.segments.facts import make_members
from tests.timeline.facts import settle
from timeline.enums import InteractionKind
from timeline.services import InteractionIn, follow, record_interactions

pytestmark = [pytest.mark.django_db]


def published(code: str = "article", account: str = "", *, at: datetime = NOW + DAY) -> Slot:
    made = slot(code, at=at, given=approved(now=NOW))
    Slot.objects.filter(pk=made.pk).update(account=account)
    made = schedule_slot(slot=submit_slot(slot=made, by=marketer(), now=NOW), by=marketer(), now=NOW)
    return publish_slot(slot=made, link="https://example.com/a", by=marketer(), now=made.planned_at)


def act(made: object, member: int, kind: str, line: int, **properties: object) -> InteractionIn:
    return InteractionIn(
        line_no=line,
        member_id=member,
        source="test",
        key=f"{line}",
        occurred_at=NOW + DAY + timedelta(minutes=line),
        kind=InteractionKind(kind),
        properties={"slot": made, **properties},
    )


def record(rows: list[InteractionIn]) -> None:
    record_interactions(rows=rows, now=NOW + 2 * DAY)
    settle()


@pytest.mark.django_db(transaction=True)
def test_acts_are_followed_once_per_member_and_kind_and_become_results() -> None:
    made, members = published(), make_members([NOW - 90 * DAY] * 4)
    record([act(str(made.pk), member, "open", place, finished=place < 3) for place, member in enumerate(members)])
    follow(SlotReaches(), now=NOW)
    record([act(made.pk, members[0], "open", 10), act(made.pk, members[0], "save", 11)])
    record(
        [
            act("999999999999999999999", members[0], "open", 20),
            act("x", members[1], "open", 21),
            act(None, members[1], "open", 22),
        ]
    )
    follow(SlotReaches(), now=NOW)
    assert people_by_act([made.pk]) == {made.pk: {"open": 4, "finished": 3, "save": 1, "reading": 4}}
    due = made.planned_at + 7 * DAY
    assert measure_all(now=due) == 1
    found = {
        each.metric.value: (each.result.known, each.result.value, each.state) for each in results_of([made.pk])[made.pk]
    }
    assert found == {
        "read_through": ("observed", Decimal("0.75"), "good"),
        "save_rate": ("observed", Decimal("0.25"), "good"),
    }
    made.refresh_from_db()
    assert (made.state, made.measured_at) == ("measured", due)
    assert export_content(members[0])["content"][0]["item"] == made.title
    assert privacy.get("content").erase(members[0]) == 3
    assert not SlotReach.objects.filter(member=members[0]).exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_has_seen_it_counts_once_and_only_in_its_time() -> None:
    made, members = published(), make_members([NOW - 90 * DAY] * 5)
    long, early = 7 * 24 * 60, -1
    seen = [
        *(("open", 0, 1), ("read", 1, 2), ("read", 0, 3), ("open", 2, 4), ("save", 0, 5)),
        *(("open", 3, early), ("open", 4, long), ("save", 4, long + 1)),
    ]
    record([replace(act(made.pk, members[who], kind, line), key=f"{kind}{line}") for kind, who, line in seen])
    follow(SlotReaches(), now=NOW)
    assert people_by_act([made.pk]) == {made.pk: {"open": 2, "read": 2, "save": 1, "reading": 3}}
    measure_all(now=made.planned_at + 7 * DAY)
    assert (SlotResult.objects.get(metric="save_rate").part, SlotResult.objects.get(metric="save_rate").base) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_readers_of_the_first_minutes_count_also_when_it_is_confirmed_later() -> None:
    """Published 40 minutes before its time, confirmed two hours after; one reader had tried the link out before."""
    made, members = published(), make_members([NOW - 90 * DAY] * 4)
    minutes = {0: (-30,), 1: (-50, 5), 2: (-50,), 3: (-50, 7 * 24 * 60)}
    record(
        [
            replace(act(made.pk, members[who], "open", minute, finished=True), key=f"{who} {minute}")
            for who, moments in minutes.items()
            for minute in moments
        ]
    )
    follow(SlotReaches(), now=NOW)
    said = made.planned_at - timedelta(minutes=40)
    Slot.objects.filter(pk=made.pk).update(state="scheduled", published_at=None, published_by=None, link="")
    link, now = "https://example.com/a", made.planned_at + timedelta(hours=2)
    publish_slot(slot=made, link=link, published_at=said, by=marketer(), now=now)
    assert people_by_act([made.pk]) == {made.pk: {"open": 2, "finished": 2, "reading": 2}}


@pytest.mark.django_db(transaction=True)
def test_readers_count_from_the_moment_of_publishing_also_where_it_was_late() -> None:
    """Planned for eight, published half past: who tried the link out in between did not read it."""
    made, members = published(), make_members([NOW - 90 * DAY] * 2)
    record([act(made.pk, who, "open", minute) for who, minute in zip(members, (29, 30), strict=True)])
    follow(SlotReaches(), now=NOW)
    Slot.objects.filter(pk=made.pk).update(published_at=made.planned_at + timedelta(minutes=30))
    assert people_by_act([made.pk]) == {made.pk: {"open": 1, "reading": 1}}


@pytest.mark.django_db(transaction=True)
def test_first_act_is_the_first_also_where_it_is_reported_last() -> None:
    made, members = published(), make_members([NOW - 90 * DAY])
    for minute in (7 * 24 * 60, 5, 60):
        record([act(made.pk, members[0], "open", minute)])
        follow(SlotReaches(), now=NOW)
    assert SlotReach.objects.get().first_at == made.planned_at + timedelta(minutes=5)
    assert people_by_act([made.pk]) == {made.pk: {"open": 1, "reading": 1}}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("elsewhere", [{"code": "short_video"}, {"account": "品牌号"}])
def test_what_is_reported_elsewhere_alone_is_missing_and_not_zero(elsewhere: dict[str, str]) -> None:
    """Saves of another type, or on another account of the same type, say nothing of this slot."""
    made, other = published(), published(**elsewhere, at=NOW + DAY / 2)
    opened, saved = make_members([NOW - 90 * DAY] * 2)
    record([act(made.pk, opened, "open", 1), act(other.pk, saved, "open", 2), act(other.pk, saved, "save", 3)])
    follow(SlotReaches(), now=NOW)
    assert recorded_acts([made, other]) == {
        (made.type_id, ""): {"open"},
        (other.type_id, elsewhere.get("account", "")): {"open", "save"},
    }
    measure_all(now=made.planned_at + 8 * DAY)
    found = SlotResult.objects.get(slot=made, metric="save_rate")
    assert (found.known, found.value, found.reason) == ("missing", None, "no_save")


def test_slot_that_nobody_reports_on_has_reasons_instead_of_zeros() -> None:
    made = published()
    measure_all(now=made.planned_at + DAY)
    assert {(each.known, each.value, each.reason) for each in SlotResult.objects.all()} == {
        ("not_due", None, "window_open")
    }
    measure_all(now=made.planned_at + 8 * DAY)
    assert sorted((each.metric, each.known, each.reason) for each in SlotResult.objects.all()) == [
        ("read_through", "missing", "no_finished"),
        ("save_rate", "missing", "no_save"),
    ]


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "report.csv"
    path.write_bytes(text.encode(encoding))
    return path


LIVE = '场次ID,开播时间,成交金额(元),人均观看时长,观看人数\nL1,2026-11-24 10:05,"56,380.50",27:30,3240\nL2,2026-11-30 20:00,,21.5,\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_live_report_finds_its_slot_and_its_results(tmp_path: Path, encoding: str) -> None:
    made = published("live")
    read = read_report(kind="live", path=written(tmp_path, LIVE, encoding))
    assert (len(read.rows), read.refused, read.matched) == (2, 0, 1)
    assert LiveReport.objects.count() == 0
    assert store_report(read=read, by=marketer(), now=NOW + 2 * DAY) == 2
    first = LiveReport.objects.get(session="L1")
    assert (first.slot, first.gmv, first.stay_minutes, first.viewers) == (
        made,
        Decimal("56380.50"),
        Decimal("27.50"),
        3240,
    )
    assert LiveReport.objects.get(session="L2").gmv is None
    store_report(read=read, by=marketer(), now=NOW + 3 * DAY)
    assert LiveReport.objects.count() == 2
    measure_all(now=made.planned_at + 4 * DAY)
    assert {each.metric: each.value for each in SlotResult.objects.all()} == {
        "gmv": Decimal("56380.5"),
        "stay": Decimal("27.5"),
    }


def sessions(tmp_path: Path, *rows: str) -> ReportRead:
    text = "\n".join(("场次ID,开播时间,成交金额,排期编号", *rows, ""))
    return read_report(kind="live", path=written(tmp_path, text))


def test_one_session_belongs_to_a_slot_and_the_nearer_one_has_it(tmp_path: Path) -> None:
    made = published("live")  # 24 November, 10:00
    read = sessions(tmp_path, "L1,2026-11-24 11:30,100,", "L2,2026-11-24 10:05,200,", "L3,2026-11-24 09:40,400,")
    assert [(row["session"], row["slot_id"]) for row in read.rows] == [("L1", None), ("L2", made.pk), ("L3", None)]
    store_report(read=read, by=marketer(), now=NOW)
    later = sessions(tmp_path, "L4,2026-11-24 10:00,800,")
    assert later.rows[0]["slot_id"] is None
    again = sessions(tmp_path, "L2,2026-11-24 10:05,250,")
    assert again.rows[0]["slot_id"] == made.pk


def test_sessions_find_their_slots_in_as_many_queries_however_many_they_are(tmp_path: Path) -> None:
    """Each the nearest free one within three hours, as the comparison of all with all has it."""
    first = NOW + 30 * DAY
    planned = [slot("live", at=first + 5 * place * HOUR / 2, allow_overlap=True) for place in range(12)]
    Slot.objects.filter(pk=planned[3].pk).update(state="cancelled")
    began = [first + place * timedelta(minutes=7) for place in range(-30, 270)]
    rows = [f"L{place},{timezone.localtime(at):%Y-%m-%d %H:%M},1," for place, at in enumerate(began)]
    with CaptureQueriesContext(connection) as of_few:
        sessions(tmp_path, *rows[:3])
    with CaptureQueriesContext(connection) as of_many:
        read = sessions(tmp_path, *rows)
    assert len(of_many) == len(of_few)
    free = {each.pk: each.planned_at for each in planned if each != planned[3]}
    expected: dict[str, int] = {}
    for _far, number, session in sorted(
        (abs(when - at), number, f"L{place}")
        for place, at in enumerate(began)
        for number, when in free.items()
        if abs(when - at) <= timedelta(hours=3)
    ):
        if session not in expected and number not in expected.values():
            expected[session] = number
    assert {row["session"]: row["slot_id"] for row in read.rows if row["slot_id"]} == expected
    assert read.matched == len(expected) == 11


def test_session_belongs_to_the_slot_that_its_row_names(tmp_path: Path) -> None:
    made, article = published("live"), slot(at=NOW + 3 * DAY)
    read = sessions(tmp_path, f"L1,2026-11-30 20:00,100,{made.pk}", "L2,2026-11-24 10:00,200,")
    assert [row["slot_id"] for row in read.rows] == [made.pk, None]
    wrong = sessions(tmp_path, f"L1,2026-11-24 10:00,100,{article.pk}", "L2,2026-11-24 10:00,200,999999999")
    assert (wrong.rows, wrong.refused, [fault.line for fault in wrong.faults]) == ([], 2, [2, 3])
    assert {fault.column for fault in wrong.faults} == {"排期编号"}


def test_rows_that_cannot_be_read_are_named_and_the_others_taken(tmp_path: Path) -> None:
    text = "account,day,followers,delivered,opened\na,2026-11-01,1000,,\na,2026-13-02,1,,\na,2026-11-03,-5,,\n,2026-11-04,1,,\n"
    read = read_report(kind="platform", path=written(tmp_path, text))
    assert [(fault.line, fault.column) for fault in read.faults] == [(3, "day"), (4, "followers"), (5, "account")]
    assert store_report(read=read, by=marketer(), now=NOW) == 1
    assert PlatformReport.objects.get().delivered is None


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("live", b"\xff\xfe\x00\xd8\x00"),
        ("live", b""),
        ("live", b"%PDF-1.7"),
        ("live", "标题,金额\nx,1\n".encode()),
        ("poem", LIVE.encode()),
        ("live", "场次,开播时间\n".encode()),
    ],
)
def test_file_of_no_use_is_refused_with_a_sentence(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / "report"
    path.write_bytes(content)
    with pytest.raises((ReportNotRead, UnreadableFile)) as refused:
        store_report(read=read_report(kind=kind, path=path), by=marketer(), now=NOW)
    assert str(refused.value)
    assert LiveReport.objects.count() == 0
