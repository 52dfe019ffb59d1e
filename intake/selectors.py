"""Reads of the imports."""

import re
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Store, User
from core.errors import Text
from core.files import BadCell, BadRow, DateOrder, FileFacts, read_rows, sniff
from core.files.writing import restore_text, safe_text
from intake.enums import UNFINISHED
from intake.models import ImportJob, reason_label
from intake.rules.cells import ConvertOrNone, Surroundings, converter
from intake.rules.fields import FIELDS, Cell, Field
from intake.rules.mapping import missing, of_members, zone_of
from intake.rules.profile import profile
from members.models import City
from timeline.enums import InteractionKind

RejectLine = tuple[int, int | None, str, str]
ADDED_COLUMNS = (_("Line in the file"), _("Column at fault"), _("Rejected because"))
SILENCE = 600  # seconds after the last byte of an upload, until it counts as broken off
_NUMBER = re.compile(r"[+-]?[\d., ]+")
REPORT_HEADER = ("line", "column", "column_name", "reason", "explanation", "value")


def imports_visible_to(user: User) -> QuerySet[ImportJob]:
    """The imports this user may see: all of them with the permission to look at imports, else none."""
    jobs = ImportJob.objects.select_related("by")
    return jobs if user.has_perm("intake.view_importjob") else jobs.none()


def unfinished_imports() -> list[int]:
    """Jobs that wait for a worker or have lost theirs, the oldest first."""
    return list(ImportJob.objects.filter(state__in=UNFINISHED).order_by("pk").values_list("pk", flat=True))


def uploads_folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def unnamed_uploads() -> list[Path]:
    """Files of uploads that no job names: of one that is on its way just now (`may_be_growing`), or that broke off."""
    folder = uploads_folder()
    lying = sorted(folder.iterdir()) if folder.is_dir() else []  # before the jobs: one made meanwhile is then known
    named = {Path(path).name for path in ImportJob.objects.filter(stored=True).values_list("path", flat=True)}
    return [path for path in lying if path.name not in named and path.is_file()]


def may_be_growing(path: Path) -> bool:
    """Whether somebody wrote to it so lately that the upload may go on, or it has got its job just now."""
    try:
        return time.time() - path.stat().st_mtime < SILENCE
    except FileNotFoundError:
        return True


def surroundings(job: ImportJob) -> Surroundings:
    """What the cells of this job are read against: its zone, its beginning, and the stores and staff of today."""
    stores = Store.objects.values_list("pk", "code", "name")
    staff = User.objects.filter(is_active=True).values_list("pk", "username", "display_name")
    return Surroundings(
        zone=zone_of(job.timezone),
        latest=job.started_at or job.created_at,
        date_order=DateOrder(job.mapping.get("date_order", "")),
        kinds=frozenset(InteractionKind.values),
        stores=_by_name(stores),
        staff=_by_name(staff),
    )


def _by_name(rows: Iterable[tuple[int, str, str]]) -> dict[str, int]:
    """Codes before names: a name that is another one's code, or that two share, means nobody."""
    listed = list(rows)
    names = [name for _pk, _code, name in listed]
    found = {name: pk for pk, _code, name in listed if name and names.count(name) == 1}
    return found | {code: pk for pk, code, _name in listed}


@dataclass(frozen=True)
class PreviewColumn:
    """One column of the file: its place from 1, what stands in it, and the field it becomes, if any."""

    place: int
    title: str
    examples: list[str]
    looks_like: str
    filled: float
    field: Field | None


@dataclass(frozen=True)
class PreviewCell:
    """`fault` refuses the row; `remark` is worth a look only."""

    text: str
    fault: Text = ""
    remark: Text = ""


@dataclass(frozen=True)
class Preview:
    """The beginning of a file under a mapping: columns, rows with the faults of their cells, rows that cannot be read."""

    facts: FileFacts
    columns: list[PreviewColumn]
    rows: list[tuple[int, list[PreviewCell]]]
    unreadable: list[tuple[int, str]]
    missing: list[tuple[Field, ...]]
    of_members: list[str]


def preview_import(job: ImportJob) -> Preview:
    """Read the first rows of the job's file and show what would become of them."""
    kept = FileFacts.from_json(job.facts)
    facts = sniff(
        job.path,
        encoding=kept.encoding,
        delimiter=kept.delimiter,
        sheet=kept.sheet,
        has_header=kept.has_header,
    )
    chosen = job.mapping.get("columns", {})
    by_title = {title: field for field in FIELDS[job.kind] if (title := chosen.get(field.name))}
    fields = [by_title.get(title) or by_title.get(f"#{place}") for place, title in enumerate(facts.header, 1)]
    around = surroundings(job)
    converters = [converter(field, around) if field else None for field in fields]
    rows = [(line, [_cell(*pair) for pair in zip(cells, converters, strict=True)]) for line, cells in facts.sample_rows]
    _remark_cities(rows, fields, converters)
    return Preview(
        facts=facts,
        columns=_columns(facts, fields),
        rows=rows,
        unreadable=[(bad.line, reason_label(bad.fault)) for bad in facts.sample_bad],
        missing=missing(job.kind, [field.name for field in FIELDS[job.kind] if _given(job, field)]),
        of_members=of_members(job.kind, facts.header),
    )


def _given(job: ImportJob, field: Field) -> bool:
    return bool(job.mapping.get("columns", {}).get(field.name) or job.mapping.get("constants", {}).get(field.name))


def _cell(text: str, convert: ConvertOrNone | None) -> PreviewCell:
    if convert is None:
        return PreviewCell(text)
    try:
        convert(restore_text(text))
    except BadCell as refused:
        return PreviewCell(text, refused.fault.label)
    return PreviewCell(text)


def _remark_cities(
    rows: list[tuple[int, list[PreviewCell]]], fields: list[Field | None], converters: list[ConvertOrNone | None]
) -> None:
    """A city that is not known yet is taken, and added: perhaps a misspelling, so it is said beforehand."""
    for place, (field, convert) in enumerate(zip(fields, converters, strict=True)):
        if field is None or convert is None or field.cell != Cell.CITY:
            continue
        named = [(cells, convert(cells[place].text)) for _line, cells in rows if not cells[place].fault]
        known = set(City.objects.filter(name__in={name for _cells, name in named}).values_list("name", flat=True))
        for cells, name in named:
            if name and name not in known:
                cells[place] = replace(cells[place], remark=_("City not known yet: it will be added"))


def _columns(facts: FileFacts, fields: list[Field | None]) -> list[PreviewColumn]:
    profiles = profile([cells for _line, cells in facts.sample_rows], len(facts.header))
    return [
        PreviewColumn(place, title, found.examples, found.looks_like, found.filled, field)
        for place, (title, found, field) in enumerate(zip(facts.header, profiles, fields, strict=True), 1)
    ]


def mark_of(path: Path) -> str:
    """Size and time of change: enough to see that a file is no longer the one that was begun."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return ""
    return f"{facts.st_size}:{facts.st_mtime_ns}"


def file_is_kept(job: ImportJob) -> bool:
    """Whether the job's file still lies where it was, unchanged."""
    return bool(job.path) and mark_of(Path(job.path)) == job.file_mark


def rejected_rows(job: ImportJob) -> Iterator[list[str]]:
    """The rejected rows as the file has them, to be corrected and imported again; the header first, streamed.

    After the file's own columns stand the line, the columns at fault and why. Only while `file_is_kept`: personal values
    are in it.
    """
    facts = FileFacts.from_json(job.facts)
    width = len(facts.header)
    yield [*map(_harmless, facts.header), *(str(title) for title in ADDED_COLUMNS)]
    rows = _every_row(Path(job.path), facts)
    for line, faults in groupby(_rejects(job), key=itemgetter(0)):
        cells = next((cells for at, cells in rows if at >= line), [])
        fitted = [*cells[:width], *[""] * (width - len(cells)), *cells[width:]]
        yield [_harmless(text) for text in (*fitted, str(line), *_told(facts, list(faults)))]


def _told(facts: FileFacts, faults: list[RejectLine]) -> tuple[str, str]:
    """The columns at fault and why; of several faults each with its column."""
    if len(faults) == 1:
        _line, column, reason, value = faults[0]
        return _title(facts, column), reason_label(reason, value)
    titles = [_title(facts, column) for _line, column, _reason, _value in faults]
    reasons = [reason_label(reason, value) for _line, _column, reason, value in faults]
    told = [f"{title}: {reason}" for title, reason in zip(titles, reasons, strict=True)]
    return "; ".join(titles), "; ".join(told)


def _every_row(path: Path, facts: FileFacts) -> Iterator[tuple[int, list[str]]]:
    """Also those that cannot be read, as far as they can: a line with a quotation mark astray is cut at delimiters."""
    waiting: deque[BadRow] = deque()
    for line, cells in read_rows(path, facts, waiting.append):
        yield from _taken(waiting, facts)
        yield line, cells
    yield from _taken(waiting, facts)


def _taken(waiting: deque[BadRow], facts: FileFacts) -> Iterator[tuple[int, list[str]]]:
    while waiting:
        bad = waiting.popleft()
        whole = len(bad.cells) == 1 and facts.delimiter
        yield bad.line, bad.cells[0].split(facts.delimiter) if whole else list(bad.cells)


def _rejects(job: ImportJob) -> Iterator[RejectLine]:
    rows = job.rejects.order_by("line", "pk").values_list("line", "column", "reason", "value")
    return rows.iterator(chunk_size=5_000)


def _title(facts: FileFacts, column: int | None) -> str:
    return facts.header[column - 1] if column and column <= len(facts.header) else ""


def reject_report(job: ImportJob) -> Iterator[tuple[object, ...]]:
    """Where and why, without the rows themselves, with a header first: streamed, the oldest line first."""
    facts = FileFacts.from_json(job.facts)
    yield REPORT_HEADER
    for line, column, reason, value in _rejects(job):
        yield (
            line,
            column or "",
            _harmless(_title(facts, column)),
            reason,
            reason_label(reason, value),
            _harmless(value),
        )


def _harmless(text: str) -> str:
    """A spreadsheet would run a text that begins like a formula; a signed number is none, and is to be read again."""
    return text if _NUMBER.fullmatch(text) else safe_text(text)
