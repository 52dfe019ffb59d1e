"""Reports of live sessions and of platform accounts, as files that people bring: all rows that can be read, or a dry run."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Target, record
from content.enums import ReportKind, SlotState
from content.errors import ReportNotRead
from content.models import LiveReport, PlatformReport, Slot
from content.rules.reports import COLUMNS, LABELS, REQUIRED, found_columns
from core.files import BadCell, BadRow, DateOrder, FileFacts, parse_datetime, parse_decimal, parse_int, read_rows, sniff

MOST_ROWS, MOST_FAULTS = 10_000, 50
NEAR = timedelta(hours=3)
COUNTS = ("viewers", "followers", "delivered", "opened")


@dataclass(frozen=True)
class RowFault:
    """A row that was not taken, and why."""

    line: int
    column: str
    why: str


@dataclass(kw_only=True)
class ReportRead:
    """What a file holds: rows ready to be stored, those that are not and why; `matched` found their slot."""

    kind: str
    columns: dict[str, str]
    encoding: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    refused: int = 0
    matched: int = 0


def read_report(*, kind: str, path: Path) -> ReportRead:
    """Read a file without storing anything. Raises ReportNotRead, or UnreadableFile with the place of the fault."""
    if kind not in ReportKind.values:
        raise ReportNotRead(fields={"kind": [_("Choose what the file reports.")]})
    facts = sniff(path)
    columns = found_columns(kind, facts.header)
    missing = [name for name in REQUIRED[kind] if name not in columns]
    if missing:
        names = "、".join(str(LABELS[name]) for name in missing)
        raise ReportNotRead(
            _("The file has no column for: %(names)s. Its columns are: %(columns)s.")
            % {"names": names, "columns": ", ".join(facts.header)[:300]}
        )
    read = ReportRead(kind=kind, columns=columns, encoding=facts.encoding)
    _read_rows(read, path, facts)
    if kind == ReportKind.LIVE:
        _match(read)
    return read


@transaction.atomic
def store_report(*, read: ReportRead, by: User, now: datetime) -> int:
    """Store what was read; the same session, or the same account and day, is replaced. Answers how many rows."""
    if not read.rows:
        raise ReportNotRead(_("No row of the file could be read."))
    stamped = [{**row, "by": by, "at": now} for row in read.rows]
    if read.kind == ReportKind.LIVE:
        _store(
            LiveReport,
            stamped,
            ["session"],
            ["slot_id", "title", "began_at", "gmv", "stay_minutes", "viewers", "by", "at"],
        )
    else:
        _store(PlatformReport, stamped, ["account", "day"], ["followers", "delivered", "opened", "by", "at"])
    what = Target(object_type=f"content.{read.kind}report", object_id=0, label=read.kind)
    changes = {"rows": [None, len(stamped)], "refused": [None, read.refused]}
    record(by=by, action="content.report.import", obj=what, changes=changes, at=now)
    return len(stamped)


def _store(model: Any, rows: Sequence[Mapping[str, Any]], key: list[str], fields: list[str]) -> None:
    unique = {tuple(row[name] for name in key): row for row in rows}  # the last of equal ones counts
    objects = [model(**row) for _key, row in sorted(unique.items())]
    model.objects.bulk_create(objects, update_conflicts=True, unique_fields=key, update_fields=fields, batch_size=1000)


def _read_rows(read: ReportRead, path: Path, facts: FileFacts) -> None:
    def refuse(bad: BadRow) -> None:
        _refuse(read, RowFault(bad.line, "", str(bad.fault.label)))

    places = {name: facts.position(title) for name, title in read.columns.items()}
    for number, (line, cells) in enumerate(read_rows(path, facts, refuse)):
        if number >= MOST_ROWS:
            raise ReportNotRead(_("More than %(limit)d rows: cut the file into parts.") % {"limit": MOST_ROWS})
        row = _row(read, line, {name: cells[place] for name, place in places.items()})
        if row is not None:
            read.rows.append(row)
            read.lines.append(line)


def _row(read: ReportRead, line: int, cells: Mapping[str, str]) -> dict[str, Any] | None:
    row: dict[str, Any] = {name: None for name in COLUMNS[read.kind] if name in NULLABLE} | {}
    for name, text in cells.items():
        if not text.strip() and name not in REQUIRED[read.kind]:
            continue
        try:
            row[name] = PARSERS[name](text)
        except (BadCell, ValueError) as bad:
            why = str(bad.fault.label) if isinstance(bad, BadCell) else _("Not a valid value")
            _refuse(read, RowFault(line, read.columns[name], why))
            return None
    return row


def _refuse(read: ReportRead, fault: RowFault) -> None:
    read.refused += 1
    if len(read.faults) < MOST_FAULTS:
        read.faults.append(fault)


def _match(read: ReportRead) -> None:
    """A session belongs to the slot that its row names; else the nearest pairs of a session and a free live slot do.

    So of two sessions beside one slot the nearer one is its own, and the other has none. A slot is free where no
    session of another report has it. A named slot that is none is a fault of its row.
    """
    _take_named(read)
    unnamed = {row["session"]: row for row in read.rows if row["slot_id"] is None}
    taken = {row["slot_id"] for row in read.rows} | _taken_before([row["session"] for row in read.rows])
    slots = [slot for slot in _live_slots(unnamed.values()) if slot[1] not in taken]
    pairs = sorted(
        (abs(planned_at - row["began_at"]), slot_id, session)
        for session, row in unnamed.items()
        for planned_at, slot_id in _near(slots, row["began_at"])
    )
    for _distance, slot_id, session in pairs:
        if slot_id not in taken and session in unnamed:
            taken.add(slot_id)
            unnamed.pop(session)["slot_id"] = slot_id
    read.matched = sum(row["slot_id"] is not None for row in read.rows)


def _take_named(read: ReportRead) -> None:
    known = set(_live_ones().filter(pk__in={row["slot"] for row in read.rows}).values_list("pk", flat=True))
    kept = []
    for row in read.rows:
        row["slot_id"] = row.pop("slot")
        line = read.lines.pop(0)
        if row["slot_id"] is None or row["slot_id"] in known:
            kept.append(row)
        else:
            _refuse(read, RowFault(line, read.columns["slot"], _("There is no such live slot.")))
    read.rows = kept


def _live_ones() -> QuerySet[Slot]:
    return Slot.objects.filter(type__code="live").exclude(state=SlotState.CANCELLED)


def _live_slots(rows: Collection[Mapping[str, Any]]) -> list[tuple[datetime, int]]:
    """When each is planned and its number, in order: those that may be near to any of the rows."""
    if not rows:
        return []
    moments = [row["began_at"] for row in rows]
    found = _live_ones().filter(planned_at__gte=min(moments) - NEAR, planned_at__lte=max(moments) + NEAR)
    return list(found.order_by("planned_at", "pk").values_list("planned_at", "pk"))


def _near(slots: Sequence[tuple[datetime, int]], moment: datetime) -> Sequence[tuple[datetime, int]]:
    first = bisect_left(slots, moment - NEAR, key=itemgetter(0))
    return slots[first : bisect_right(slots, moment + NEAR, key=itemgetter(0))]


def _taken_before(sessions: Sequence[str]) -> set[int | None]:
    others = LiveReport.objects.filter(slot__isnull=False).exclude(session__in=sessions)
    return set(others.values_list("slot_id", flat=True))


def _moment(text: str) -> datetime:
    return parse_datetime(text, ZoneInfo(settings.TIME_ZONE), DateOrder.DAY_FIRST)


def _count(text: str) -> int:
    number = parse_int(text)
    if not 0 <= number < 10**12:
        raise ValueError
    return number


def _amount(text: str) -> Decimal:
    number = parse_decimal(text)
    if not 0 <= number < 10**9:
        raise ValueError
    return number.quantize(Decimal("0.01"))


def _minutes(text: str) -> Decimal:
    """Minutes; platforms also write 12:30 (minutes and seconds) or 1:02:30."""
    if ":" not in text:
        return _bounded(parse_decimal(text))
    total = Decimal(0)
    for part in text.strip().split(":"):
        total = total * 60 + Decimal(int(part))
    return _bounded((total / 60).quantize(Decimal("0.01")))


def _bounded(minutes: Decimal) -> Decimal:
    if not 0 <= minutes <= 24 * 60:
        raise ValueError
    return minutes.quantize(Decimal("0.01"))


def _name(text: str, most: int) -> str:
    text = text.strip()
    if not text or len(text) > most or "\x00" in text:
        raise ValueError
    return text


NULLABLE = frozenset({"gmv", "stay_minutes", "slot", *COUNTS})
PARSERS: Mapping[str, Callable[[str], Any]] = {
    "session": lambda text: _name(text, 80),
    "title": lambda text: _name(text, 200),
    "slot": _count,
    "account": lambda text: _name(text, 60),
    "began_at": _moment,
    "day": lambda text: _moment(text).astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
    "gmv": _amount,
    "stay_minutes": _minutes,
    **dict.fromkeys(COUNTS, _count),
}
