"""The audit pack (personal information protection compliance audit, measures of 2025-05-01): evidence in one archive.

Each item stands there as CSV and as JSON, and on one page to read, with the article that asks for it. MANIFEST.json
holds the SHA-256 of every file and of itself; the same fingerprint goes into the record of acts, which is sealed.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import scrm.selectors.evidence  # noqa: F401  # registers the system's own items
from core.files.sealed import SealedWriter, read_sealed
from core.files.writing import Cell, Sink, write_csv
from core.registries import EvidenceItem, evidence
from core.rules.crypto import Sealer, new_key
from scrm.services.verifying import verify_all

MANIFEST, PAGE = "MANIFEST.json", "index.html"
SHOWN = 50
EXPLAINED = "SHA-256 of this file with an empty value here"
Note = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class PackedFile:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PackedItem:
    code: str
    label: str
    article: str
    rows: int
    files: tuple[PackedFile, ...]


@dataclass(frozen=True, kw_only=True)
class Packed:
    """`digest` is the fingerprint of the manifest."""

    digest: str
    items: tuple[PackedItem, ...]

    @property
    def rows(self) -> int:
        return sum(item.rows for item in self.items)


def write_pack(sink: Sink, *, now: datetime, note: Note = lambda _done, _all: None) -> Packed:
    """The archive, written as a stream; neither it nor a part of it lies anywhere in clear."""
    items, shown = [], []
    with zipfile.ZipFile(_Stream(sink), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for number, item in enumerate(evidence, start=1):
            packed, sample = _pack_item(archive, item, now)
            items.append(packed)
            shown.append((packed, sample))
            note(number, len(evidence))
        page = _write(archive, PAGE, [_page(shown, now).encode()])
        digest = _write_manifest(archive, items, page, now)
    return Packed(digest=digest, items=tuple(items))


def checks(now: datetime) -> Iterator[Mapping[str, Any]]:
    """What must hold over all data, verified while the pack is made."""
    for each in verify_all():
        yield {"code": each.code, "what": each.label, "looked_at": each.looked_at, "ok": each.ok, "faults": each.faults,
               "at": now}  # fmt: skip


evidence.register(
    EvidenceItem(
        code="system_checks",
        label=gettext_lazy("What was verified for this pack"),
        article=gettext_lazy("PIPL Art. 51, 54"),
        write=checks,
        order=490,
    )
)


def check_pack(file: IO[bytes] | Path) -> list[str]:
    """What is wrong with a pack, as sentences: files that are missing, added or changed, the manifest itself."""
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        listed = {each["name"]: each["sha256"] for item in manifest["items"] for each in item["files"]}
        listed[PAGE] = manifest["page"]["sha256"]
        there = set(archive.namelist()) - {MANIFEST}
        faults = [f"{name} is missing." for name in sorted(listed.keys() - there)]
        faults += [f"{name} is not in the manifest." for name in sorted(there - listed.keys())]
        for name in sorted(there & listed.keys()):
            if _digest_in(archive, name) != listed[name]:
                faults.append(f"{name} was changed.")
    if _digest_of(manifest) != manifest["sha256"]:
        faults.append(f"{MANIFEST} was changed.")
    return faults


def _pack_item(archive: zipfile.ZipFile, item: EvidenceItem, now: datetime) -> tuple[PackedItem, list[list[str]]]:
    """The rows are read once: JSON goes into the archive while CSV waits, sealed, for its turn."""
    rows = _Rows(item.write(now))
    with _waiting() as (csv, csv_again):
        parts = _as_json(rows, csv)
        json_file = _write(archive, f"{item.code}.json", parts)
        csv_file = _write(archive, f"{item.code}.csv", csv_again())
    packed = PackedItem(
        code=item.code, label=str(item.label), article=str(item.article), rows=rows.count, files=(csv_file, json_file)
    )
    return packed, rows.shown


class _Rows:
    """Rows as plain texts and numbers; counts them and keeps the first for the page."""

    def __init__(self, rows: Iterator[Mapping[str, Any]]) -> None:
        self._rows = rows
        self.count = 0
        self.shown: list[list[str]] = []

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            plain = {name: _plain(value) for name, value in row.items()}
            if not self.count:
                self.shown.append([str(name) for name in plain])
            if self.count < SHOWN:
                self.shown.append([str(_cell(value)) if value is not None else "" for value in plain.values()])
            self.count += 1
            yield plain


def _as_json(rows: _Rows, csv: Sink) -> Iterator[bytes]:
    """A JSON list, row by row; every row goes to the CSV as well."""
    first = True
    for row in rows:
        cells: list[Sequence[Cell]] = [list(row)] if first else []
        write_csv(csv if first else _WithoutMark(csv), [*cells, [_cell(value) for value in row.values()]])
        yield (b"[\n" if first else b",\n") + json.dumps(row, ensure_ascii=False).encode()
        first = False
    yield b"[]\n" if first else b"\n]\n"


class _WithoutMark:
    """A part of a CSV that has begun already."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> object:
        return self._sink.write(data.removeprefix(b"\xef\xbb\xbf"))


class _Stream:
    """What zipfile needs of a stream that cannot go back."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._sink.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


@contextmanager
def _waiting() -> Iterator[tuple[SealedWriter, Callable[[], Iterator[bytes]]]]:
    """A file that can be written and then read again, sealed under a key that nobody else has."""
    sealer, context = Sealer(key=new_key()), b"pack|waiting"
    with tempfile.TemporaryFile() as file:
        writer = SealedWriter(file, sealer, context)

        def again() -> Iterator[bytes]:
            writer.close()
            file.seek(0)
            yield from read_sealed(file, sealer, context)

        yield writer, again


def _write(archive: zipfile.ZipFile, name: str, pieces: Any) -> PackedFile:
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return PackedFile(name=name, size=size, sha256=digest.hexdigest())


def _write_manifest(archive: zipfile.ZipFile, items: list[PackedItem], page: PackedFile, now: datetime) -> str:
    manifest: dict[str, Any] = {
        "format": 1,
        "made_at": now.isoformat(),
        "page": asdict(page),
        "items": [asdict(item) for item in items],
        "sha256_is": EXPLAINED,
        "sha256": "",
    }
    manifest["sha256"] = _digest_of(manifest)
    _write(archive, MANIFEST, [_text(manifest)])
    return str(manifest["sha256"])


def _digest_of(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text({**manifest, "sha256": ""})).hexdigest()


def _text(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, indent=1).encode()


def _digest_in(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _page(shown: list[tuple[PackedItem, list[list[str]]]], now: datetime) -> str:
    parts = [{"item": item, "header": rows[:1], "rows": rows[1:], "more": item.rows > SHOWN} for item, rows in shown]
    context = {"title": _("Audit pack"), "parts": parts, "made_at": now, "most": SHOWN, "manifest": MANIFEST}
    return render_to_string("scrm/audit_pack_page.html", context)


def _plain(value: Any) -> Any:
    """As JSON knows it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _cell(value: Any) -> Cell:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
