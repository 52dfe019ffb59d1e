"""Which encoding a text file is in, from its bytes alone."""

import codecs
from typing import IO

from charset_normalizer import from_bytes

from core.files.bytestreams import CHUNK
from core.files.faults import UnreadableFile

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Bytes that are looked at from the first one that is not ASCII.
EVIDENCE_BYTES = 1 << 20
GUESS_BYTES = 1 << 16
LAST_ASCII = 0x7F
ESCAPED = range(0xDC80, 0xDD00)
FIRST_OF_THREE_BYTES = "\u0800"
WHITE = "\t\r\n"
#: Traditional characters and pictures take from the share; what is no text has a tenth.
LEAST_TEXT = 0.4


def detect_encoding(stream: IO[bytes]) -> str:
    """Return a codec name: what the byte order mark says, else UTF-8, GB18030, or the best guess.

    Reads on to the first byte that is not ASCII, however far that is: the one Chinese name in line 900,000 decides.
    A few wrong bytes do not turn a UTF-8 file into something else; its bad rows are reported one by one.

    Raises:
        UnreadableFile: `unknown_kind` for binary data, `unknown_encoding` when nothing fits.

    """
    head = stream.read(CHUNK)
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    wide = _wide_without_mark(head[:4096])
    if wide is not None:
        return wide
    evidence = _evidence(head, stream)
    return _judge(evidence) if evidence else "utf-8"


def is_foreign(text: str, encoding: str) -> bool:
    """Whether a line of a file in GB18030 was written in UTF-8, as where two exports were put into one file.

    Nothing fails when it is read: it becomes other characters. In real GB18030 no line is UTF-8 by chance.
    """
    if encoding != "gb18030":
        return False
    try:
        again = text.encode(encoding).decode()
    except UnicodeError:
        return False
    return any(char >= FIRST_OF_THREE_BYTES for char in again)


def _wide_without_mark(head: bytes) -> str | None:
    """Text in two bytes per character shows as NUL in every other place; many elsewhere are no text at all."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd <= max(1, len(head) // 100):
        return None
    shares = {encoding: _share_of_text(head, encoding) for encoding in ("utf-16-le", "utf-16-be")}
    likely = max(shares, key=lambda encoding: shares[encoding])
    if shares[likely] < LEAST_TEXT:
        raise UnreadableFile("unknown_kind")
    return likely


def _share_of_text(head: bytes, encoding: str) -> float:
    """How much of it is ASCII or in daily use. The places of NUL alone decide nothing: 一 has one too."""
    text = head.decode(encoding, "ignore")
    daily = sum(char in WHITE or (char.isprintable() and bool(char.encode("gb2312", "ignore"))) for char in text)
    return daily / max(len(text), 1)


def _evidence(chunk: bytes, stream: IO[bytes]) -> bytes:
    while chunk and chunk.isascii():
        chunk = stream.read(CHUNK)
    start = next((place for place, byte in enumerate(chunk) if byte > LAST_ASCII), len(chunk))
    if len(chunk) - start < EVIDENCE_BYTES:
        chunk += stream.read(EVIDENCE_BYTES)
    return chunk[start : start + EVIDENCE_BYTES]


def _judge(evidence: bytes) -> str:
    good, bad = _census(evidence, "utf-8")
    if good and good >= 4 * bad:
        return "utf-8"
    telling = [line for line in evidence.split(b"\n") if not line.isascii()]
    others = b"\n".join(line for line in telling if not _is_utf8(line))
    if _looks_chinese(others):  # of two encodings in one file the more frequent is its own; the rest is bad rows
        return "gb18030" if 2 * len(others) >= sum(map(len, telling)) else "utf-8"
    guess = from_bytes(evidence[:GUESS_BYTES]).best()
    if guess is None or guess.encoding.startswith(("utf_16", "utf_32")):  # those begin with a mark, or were told above
        raise UnreadableFile("unknown_encoding")
    return guess.encoding


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _census(evidence: bytes, encoding: str) -> tuple[int, int]:
    """Count the characters beyond ASCII that the encoding can and cannot read."""
    wide = [ord(char) for char in evidence.decode(encoding, "surrogateescape") if not char.isascii()]
    bad = sum(code in ESCAPED for code in wide)
    return len(wide) - bad, bad


def _looks_chinese(evidence: bytes) -> bool:
    """Read as GB18030 nearly everything fits, and at least half is of the 7,000 characters in daily use (GB2312)."""
    good, bad = _census(evidence, "gb18030")
    if good == 0 or bad > 3 + good // 50:
        return False
    daily = sum(
        1 for char in evidence.decode("gb18030", "ignore") if not char.isascii() and char.encode("gb2312", "ignore")
    )
    return daily * 2 >= good
