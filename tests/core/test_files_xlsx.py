"""Workbooks: values, dates, sheets, and packages built to do harm."""

import datetime as dt
import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from core.files import BadRow, Fault, UnreadableFile, read_rows, sniff
from core.files.sheet import number_text, serial_text
from core.files.workbook import shows_date

SHEET = "xl/worksheets/sheet1.xml"


def save(folder: Path, rows: list[list[object]], **sheets: list[list[object]]) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Sheet1"
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    path = folder / "book.xlsx"
    book.save(path)
    return path


def patched(path: Path, part: str, data: bytes) -> Path:
    """The same package with one part replaced or added."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = data
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def sheet_xml(body: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'.encode()


def read(path: Path, sheet: str = "") -> list[tuple[int, list[str]]]:
    return list(read_rows(path, sniff(path, sheet=sheet), lambda _bad: None))


def refusal(path: Path, sheet: str = "") -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        read(path, sheet)
    return refused.value


def test_values_come_as_their_shortest_text(tmp_path: Path) -> None:
    rows = [
        ["id", "name", "price", "when", "day", "time", "flag", "gap", "note"],
        [17850, "林晓🦌", 2.5499999999999998, dt.datetime(2026, 1, 2, 3, 4, 5), dt.date(2026, 1, 2),  # noqa: DTZ001
         dt.time(20, 30), True, None, "=1/0"],
        [13800001111.0, "007", -0.5, None, None, None, False, None, None],
    ]  # fmt: skip
    path = save(tmp_path, rows)
    assert sniff(path).header == ("id", "name", "price", "when", "day", "time", "flag", "gap", "note")
    assert read(path) == [
        (2, ["17850", "林晓🦌", "2.55", "2026-01-02T03:04:05", "2026-01-02", "20:30:00", "TRUE", "", ""]),
        (3, ["13800001111", "007", "-0.5", "", "", "", "FALSE", "", ""]),
    ]


def test_blank_rows_keep_the_numbers_of_the_others(tmp_path: Path) -> None:
    assert read(save(tmp_path, [["a"], [], ["x"], [None], ["y"]])) == [(3, ["x"]), (5, ["y"])]


def test_notes_beside_the_table_are_left_out(tmp_path: Path) -> None:
    assert read(save(tmp_path, [["a", "b"], ["1", "2", None, "see below"]])) == [(2, ["1", "2"])]


def test_named_sheet_is_read_and_an_unknown_one_refused(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["1"]], 订单=[["b"], ["2"]])
    assert sniff(path).sheets == ("Sheet1", "订单")
    assert read(path, "订单") == [(2, ["2"])]
    with override("en"):
        assert str(refusal(path, "none")) == "There is no sheet named “none”. The sheets are: Sheet1, 订单."


def test_rich_text_is_joined(tmp_path: Path) -> None:
    text = CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"))
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = "a"
    book.active["A2"] = text
    book.save(tmp_path / "rich.xlsx")
    assert read(tmp_path / "rich.xlsx") == [(2, ["plain bold"])]


def test_cells_without_references_prefixes_and_inline_texts(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"]])
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    body = (
        '<x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c><x:c t="str"><x:v>b</x:v></x:c></x:row>'
        '<x:row><x:c t="e"><x:v>#N/A</x:v></x:c><x:c><x:v>1.5E3</x:v></x:c></x:row>'
    )
    xml = f'<x:worksheet xmlns:x="{space}"><x:sheetData>{body}</x:sheetData></x:worksheet>'
    assert read(patched(path, SHEET, xml.encode())) == [(2, ["#N/A", "1500"])]


def test_phonetic_hints_are_not_text(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"]])
    strings = b"<sst><si><t>name</t></si><si><t>\xe6\x9e\x97</t><rPh sb='0' eb='1'><t>lin</t></rPh></si></sst>"
    body = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    assert read(patched(patched(path, "xl/sharedStrings.xml", strings), SHEET, sheet_xml(body))) == [(2, ["林"])]


def test_compressed_workbook_is_read(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["1"]])
    packed = tmp_path / "book.xlsx.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed) == [(2, ["1"])]


def test_bomb_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["1"]])
    assert refusal(patched(path, SHEET, b"<worksheet>" + b" " * (80 << 20))).reason == "bomb"


def test_bomb_of_one_token_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    path = patched(save(tmp_path, [["a"], ["1"]]), SHEET, b'<worksheet a="' + b"x" * (60 << 20))
    tracemalloc.start()
    assert refusal(path).reason == "bomb"
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_bomb_of_one_cell_is_refused(tmp_path: Path) -> None:
    body = '<row r="1"><c r="A1" t="str"><v>' + "x\n" * (20 << 20) + "</v></c></row>"
    assert refusal(patched(save(tmp_path, [["a"]]), SHEET, sheet_xml(body))).reason == "bomb"


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["1"]])
    with zipfile.ZipFile(path, "a") as package:
        for number in range(10_001):
            package.writestr(f"xl/{number}", b"")
    assert refusal(path).reason == "bomb"


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    assert refusal(patched(save(tmp_path, [["a"]]), SHEET, bomb)).reason == "broken_workbook"


@pytest.mark.parametrize(
    ("part", "data"),
    [
        (SHEET, b"<worksheet><sheetData><row>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", b"not xml"),
        (SHEET, sheet_xml('<row r="1"><c r="A1" t="s"><v>999</v></c></row>')),
    ],
)
def test_damage_inside_is_named(tmp_path: Path, part: str, data: bytes) -> None:
    assert refusal(patched(save(tmp_path, [["a"], ["x"]]), part, data)).reason == "broken_workbook"


def test_other_zip_and_cut_package_are_no_workbook(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("readme.txt", "hello")
    other = tmp_path / "other.xlsx"
    other.write_bytes(buffer.getvalue())
    assert refusal(other).reason == "broken_workbook"
    whole = save(tmp_path, [["a"], ["1"]]).read_bytes()
    other.write_bytes(whole[: len(whole) // 2])
    assert refusal(other).reason == "broken_workbook"


def test_cell_beyond_all_columns_is_refused(tmp_path: Path) -> None:
    body = '<row r="7"><c r="XFD7"><v>1</v></c></row>'
    refused = refusal(patched(save(tmp_path, [["a"]]), SHEET, sheet_xml(body)))
    assert (refused.reason, refused.line, refused.column) == ("too_many_columns", 7, 16384)


def test_nul_character_rejects_its_row(tmp_path: Path) -> None:
    path = save(tmp_path, [["a"], ["fine"], ["bad"]])
    bad: list[BadRow] = []
    facts = sniff(path)
    assert list(read_rows(path, facts, bad.append)) == [(2, ["fine"]), (3, ["bad"])]
    assert bad == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("yyyy-mm-dd", True),
        ("yyyy年m月d日", True),
        ("[$-804]上午/下午h:mm", True),
        ("[h]:mm:ss", True),
        ("General", False),
        ("0.00E+00", False),
        ('0.00"days"', False),
        ("[Red]0.00;[Blue]-0.00", False),
        ("#,##0.00_ ", False),
        ("¥#,##0.00", False),
    ],
)
def test_date_formats_are_told_from_number_formats(code: str, expected: bool) -> None:
    assert shows_date(code) is expected


@pytest.mark.parametrize(
    ("text", "epoch_1904", "expected"),
    [
        ("46024", False, "2026-01-02"),
        ("46024.127835648149", False, "2026-01-02T03:04:05"),
        ("44562", True, "2026-01-02"),
        ("0.5", False, "12:00:00"),
        ("-3", False, "-3"),
        ("9999999", False, "9999999"),
    ],
)
def test_day_numbers_become_dates(text: str, epoch_1904: bool, expected: str) -> None:
    assert serial_text(text, epoch_1904=epoch_1904) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2.5499999999999998", "2.55"), ("1E3", "1000"), ("1.38E+10", "13800000000"), ("1e300", "1e+300"), ("x", "x")],
)
def test_numbers_are_written_short(text: str, expected: str) -> None:
    assert number_text(text) == expected


def test_memory_is_flat_in_the_number_of_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(["id", "text"])
        for number in range(rows):
            sheet.append([number, f"a text of its own number {number}"])
        path = tmp_path / f"{rows}.xlsx"
        book.save(path)
        facts = sniff(path)
        tracemalloc.start()
        for _row in read_rows(path, facts, lambda _bad: None):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(12_000) < peak(4_000) + 800_000


def test_fault_codes_are_stable() -> None:
    assert [fault.value for fault in Fault] == [
        "bad_encoding", "bad_character", "bad_quote", "column_count", "line_too_long", "missing_value", "too_long",
        "error_cell", "bad_date", "ambiguous_date", "bad_number", "not_whole", "out_of_range", "rounded_number",
    ]  # fmt: skip
