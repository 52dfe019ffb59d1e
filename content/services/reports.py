"""Reports of live sessions and of platform accounts, as files that people bring: all rows that can be read, or a dry run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Target, record
from content.enums import ReportKind
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
    """A session belongs to the slot that its row names, or else to the live slot nearest to its beginning."""
    if not read.rows:
        return
    first = min(row["began_at"] for row in read.rows) - NEAR
    last = max(row["began_at"] for row in read.rows) + NEAR
    slots = list(
        Slot.objects.filter(type__code="live", planned_at__gte=first, planned_at__lte=last).exclude(state="cancelled")
    )
    for row in read.rows:
        near = [slot for slot in slots if abs(slot.planned_at - row["began_at"]) <= NEAR]
        best = min(near, key=lambda slot: abs(slot.planned_at - row["began_at"]), default=None)
        row["slot_id"] = best.pk if best else None
        read.matched += best is not None


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


NULLABLE = frozenset({"gmv", "stay_minutes", *COUNTS})
PARSERS: Mapping[str, Callable[[str], Any]] = {
    "session": lambda text: _name(text, 80),
    "title": lambda text: _name(text, 200),
    "account": lambda text: _name(text, 60),
    "began_at": _moment,
    "day": lambda text: _moment(text).astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
    "gmv": _amount,
    "stay_minutes": _minutes,
    **dict.fromkeys(COUNTS, _count),
}
