"""Delimited text: encodings, delimiters, quotes, line numbers, and what one broken line costs."""

import csv
import gzip
import io
import os
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from core.files import BadRow, Fault, FileFacts, UnreadableFile, read_rows, sniff

Rows = list[tuple[int, list[str]]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The tests quote sentences; which language they were said in is not their subject."""
    with translation.override("en"):
        yield


def write(folder: Path, data: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(path: Path, facts: FileFacts | None = None) -> tuple[Rows, list[BadRow]]:
    bad: list[BadRow] = []
    return list(read_rows(path, facts or sniff(path), bad.append)), bad


def test_sniff_tells_header_delimiter_and_encoding(tmp_path: Path) -> None:
    facts = sniff(write(tmp_path, "order;qty;price\nA1;2;3,50\nA2;1;9,00\n"))
    assert (facts.kind, facts.encoding, facts.delimiter) == ("text", "utf-8", ";")
    assert (facts.header, facts.header_line, facts.has_header) == (("order", "qty", "price"), 1, True)
    assert facts.sample_rows == ((2, ["A1", "2", "3,50"]), (3, ["A2", "1", "9,00"]))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_sniff_finds_each_delimiter(tmp_path: Path, delimiter: str) -> None:
    lines = [delimiter.join(["name", "note", "city"]), delimiter.join(["Lin", "likes tea", "Wuhan"])] * 3
    assert sniff(write(tmp_path, "\n".join(lines))).delimiter == delimiter


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encoding_is_detected_and_read(tmp_path: Path, encoding: str, detected: str) -> None:
    path = write(tmp_path, "姓名,城市\n林晓,杭州\n欧阳静,成都\n".encode(encoding))
    facts = sniff(path)
    assert facts.encoding == detected
    assert facts.header == ("姓名", "城市")
    assert read(path, facts) == ([(2, ["林晓", "杭州"]), (3, ["欧阳静", "成都"])], [])


def test_encoding_is_decided_by_a_name_far_down(tmp_path: Path) -> None:
    plain = b"id,name\n" + b"1,Lin\n" * 400_000
    assert sniff(write(tmp_path, plain + "2,林晓\n".encode("gb18030"), "a.csv")).encoding == "gb18030"
    assert sniff(write(tmp_path, plain + "2,林晓\n".encode(), "b.csv")).encoding == "utf-8"


def test_chinese_header_over_plain_rows_decides(tmp_path: Path) -> None:
    """A member list of numbers and dates, as Excel in China saves it."""
    text = "会员号,手机号,注册时间\n" + "100001,13800138000,2026-01-05\n" * 20
    assert sniff(write(tmp_path, text.encode("gb18030"))).header == ("会员号", "手机号", "注册时间")


def test_emoji_and_rare_characters_survive(tmp_path: Path) -> None:
    path = write(tmp_path, "id,name\n1,小鹿🦌✨\n2,𠮷野\n")
    assert read(path)[0] == [(2, ["1", "小鹿🦌✨"]), (3, ["2", "𠮷野"])]


def test_western_encoding_is_guessed(tmp_path: Path) -> None:
    text = "name,note\n" + "Müller,Größe für Straße\nCafé,élève très naïf à côté\n" * 20
    assert read(write(tmp_path, text.encode("cp1252")))[0][0] == (2, ["Müller", "Größe für Straße"])


def test_wrong_bytes_reject_their_row_only(tmp_path: Path) -> None:
    path = write(tmp_path, "id,name\n1,林晓明\n2,".encode() + b"\xff\xfe" + "\n3,欧阳静\n4,司马光\n".encode())
    rows, bad = read(path)
    assert [line for line, _cells in rows] == [2, 4, 5]
    assert bad == [BadRow(3, 2, Fault.BAD_ENCODING, ("2", "\udcff\udcfe"))]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_a_mark_is_told_even_where_every_character_is_yi(tmp_path: Path, encoding: str) -> None:
    """一 (4E 00) has its NUL where ASCII of the other order has it."""
    rows = [f"{number},{'一' * 60}" for number in range(40)]
    path = write(tmp_path, "\n".join(["id,note", *rows]).encode(encoding))
    assert sniff(path).encoding == encoding
    assert len(read(path)[0]) == 40


@pytest.mark.parametrize(("most", "few", "detected"), [("gbk", "utf-8", "gb18030"), ("utf-8", "gbk", "utf-8")])
def test_rows_in_another_encoding_than_the_file_are_bad(tmp_path: Path, most: str, few: str, detected: str) -> None:
    lines = ["编号,名字", *(f"{number},林小雨和她的朋友" for number in range(30))]
    raw = [line.encode(few if place % 3 == 2 else most) for place, line in enumerate(lines)]
    path = write(tmp_path, b"\n".join(raw))
    good, bad = read(path)
    assert sniff(path).encoding == detected
    assert [row.line for row in bad] == [place + 1 for place in range(len(lines)) if place % 3 == 2]
    assert {row.fault for row in bad} == {Fault.BAD_ENCODING}
    assert {cells[1] for _line, cells in good} == {"林小雨和她的朋友"}


def test_declared_encoding_is_believed_and_a_cut_wide_text_named(tmp_path: Path) -> None:
    path = write(tmp_path, "id,name\n1,Lin\n".encode("utf-16-le") + b"\x00\xd8\x00")
    with pytest.raises(UnreadableFile) as refused:
        read(path, sniff(path, encoding="utf-16-le"))
    assert (refused.value.reason, refused.value.line) == ("bad_encoding", 3)


def test_nul_rejects_its_row_only(tmp_path: Path) -> None:
    facts = sniff(write(tmp_path, "id,name\n" + "1,Lin Xiao of Hangzhou\n" * 20))
    rows, bad = read(write(tmp_path, "id,name\n1,Lin\n2,a\0b\n3,Chen\n"), facts)
    assert rows == [(2, ["1", "Lin"]), (4, ["3", "Chen"])]
    assert bad == [BadRow(3, 2, Fault.BAD_CHARACTER, ("2", "a\0b"))]


def test_quoted_newline_counts_physical_lines(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, 'id,note\n1,"two\nlines, ""quoted"""\r\n2,one\n'))
    assert rows == [(2, ["1", 'two\nlines, "quoted"']), (4, ["2", "one"])]
    assert bad == []


@pytest.mark.parametrize("tail", ["", '5,"fine"\n'])
def test_unclosed_quote_costs_its_own_line_only(tmp_path: Path, tail: str) -> None:
    rows, bad = read(write(tmp_path, 'id,note\n1,fine\n2,"open\n3,fine\n4,fine\n' + tail))
    assert [line for line, _cells in rows] == [2, 4, 5] + [6] * bool(tail)
    assert bad == [BadRow(3, None, Fault.BAD_QUOTE, ('2,"open',))]


def test_unclosed_quote_in_a_long_file_is_given_up_early(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,note\n1,"open\n' + "2,fine\n" * 60_000)
    rows, bad = read(path)
    assert (len(rows), rows[0][0], rows[-1][0]) == (60_000, 3, 60_002)
    assert bad == [BadRow(2, None, Fault.BAD_QUOTE, ('1,"open',))]


def test_unclosed_quote_in_the_last_line(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, 'id,note\n1,fine\n2,"open'))
    assert rows == [(2, ["1", "fine"])]
    assert bad == [BadRow(3, None, Fault.BAD_QUOTE, ('2,"open',))]


def test_number_of_cells_must_fit_the_header(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n,,\n\n7,8,9\n"))
    assert rows == [(2, ["1", "2", "3"]), (5, ["1", "2", "3"]), (8, ["7", "8", "9"])]
    assert bad == [BadRow(3, 2, Fault.COLUMN_COUNT, ("1", "2")), BadRow(4, 4, Fault.COLUMN_COUNT, ("1", "2", "3", "4"))]


def test_endless_line_is_skipped(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, "a,b\n1,2\n" + "x" * (3 << 20) + "\n3,4\n"))
    assert rows == [(2, ["1", "2"]), (4, ["3", "4"])]
    assert bad == [BadRow(3, None, Fault.LINE_TOO_LONG)]


def test_cell_beyond_the_limit_is_a_long_line(tmp_path: Path) -> None:
    rows, bad = read(write(tmp_path, "a,b\n1," + "x" * 200_000 + "\n3,4\n"))
    assert rows == [(3, ["3", "4"])]
    assert bad == [BadRow(2, None, Fault.LINE_TOO_LONG, ("1," + "x" * 200_000,))]


def test_gzip_is_seen_by_content_not_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n1,2\n"), "renamed.csv")
    assert read(path) == ([(2, ["1", "2"])], [])


def test_gzip_cut_off_is_named(tmp_path: Path) -> None:
    noise = "\n".join(f"{n},{random.Random(n).random()}" for n in range(200_000))
    packed = gzip.compress(("a,b\n" + noise).encode())
    path = write(tmp_path, packed[: len(packed) // 2])
    with pytest.raises(UnreadableFile) as refused:
        read(path)
    assert refused.value.reason == "broken_archive"


def test_gzip_bomb_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with gzip.open(buffer, "wb") as packed:
        packed.write(b"a,b\n")
        for _turn in range(80):
            packed.write(b"0" * (1 << 20))
    path = write(tmp_path, buffer.getvalue())
    with pytest.raises(UnreadableFile) as refused:
        read(path)
    assert refused.value.reason == "bomb"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"\n,,\n\n", "empty_file"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty_file"),
        (b"%PDF-1.7\n", "unknown_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old_excel"),
        (os.urandom(16) + b"\0\1\2\0\3\0\0\5" * 64, "unknown_kind"),
        (gzip.compress(b"", mtime=0), "empty_file"),
    ],
)
def test_useless_file_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        sniff(write(tmp_path, data))
    assert refused.value.reason == reason


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        sniff(tmp_path / "none.csv")
    assert str(refused.value) == "There is no such file."


def test_duplicate_header_matters_only_when_meant(tmp_path: Path) -> None:
    facts = sniff(write(tmp_path, "id,name,,name\n1,a,b,c\n"))
    assert facts.header == ("id", "name", "#3", "name")
    assert facts.duplicates == {"name": 4}
    assert (facts.position("id"), facts.position("#3"), facts.position("#4")) == (0, 2, 3)
    with pytest.raises(UnreadableFile) as refused:
        facts.position("name")
    assert (refused.value.reason, refused.value.line, refused.value.column) == ("duplicate_header", 1, 4)
    assert str(refused.value) == (
        "Line 1, column 4: The column name “name” occurs twice; which one is meant cannot be known."
    )


def test_unknown_column_lists_the_known_ones(tmp_path: Path) -> None:
    facts = sniff(write(tmp_path, "id,name\n1,a\n"))
    with pytest.raises(UnreadableFile) as refused:
        facts.position("phone")
    assert str(refused.value) == "Line 1: There is no column named “phone”. The columns are: id, name."


def test_file_without_header_names_columns_by_place(tmp_path: Path) -> None:
    path = write(tmp_path, "A1,2,2026-01-02\nA2,1,2026-01-03\n")
    facts = sniff(path)
    assert (facts.header, facts.has_header) == (("#1", "#2", "#3"), False)
    assert [line for line, _cells in read(path, facts)[0]] == [1, 2]


def test_five_hundred_columns_are_read_and_two_thousand_refused(tmp_path: Path) -> None:
    header = [f"column {n}" for n in range(500)]
    path = write(tmp_path, ",".join(header) + "\n" + ",".join(["x"] * 500) + "\n")
    assert read(path) == ([(2, ["x"] * 500)], [])
    with pytest.raises(UnreadableFile) as refused:
        sniff(write(tmp_path, ",".join(f"column {n}" for n in range(2000)) + "\n"))
    assert str(refused.value) == "Line 1, column 1025: The file has more than 1024 columns."


def test_memory_is_flat_in_the_size_of_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = write(tmp_path, b"id,name,note\n" + b"17850,Lin Xiao,likes green tea\n" * rows)
        facts = sniff(path)
        tracemalloc.start()
        for _row in read_rows(path, facts, lambda _bad: None):
            pass
        _size, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(100_000) < peak(10_000) + 200_000


def test_reader_agrees_with_csv_on_real_purchases(online_retail: Path) -> None:
    with gzip.open(online_retail, "rt", newline="") as text:
        expected = sum(1 for _row in csv.reader(text)) - 1
    facts = sniff(online_retail)
    bad: list[BadRow] = []
    assert sum(1 for _row in read_rows(online_retail, facts, bad.append)) == expected == 541_909
    assert bad == []
