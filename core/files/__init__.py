"""Reading files that people bring: delimited text and workbooks, as a stream of rows with the line each one begins on.

`sniff(path)` says what a file is; `read_rows(path, facts, on_bad)` yields its rows in flat memory; `cells` turns their
text into dates, numbers and ids. Nothing here knows what the columns mean.
"""

from core.files.bytestreams import Meter
from core.files.cells import DateOrder, parse_datetime, parse_decimal, parse_identifier, parse_int, parse_text
from core.files.faults import BadCell, BadRow, Fault, UnreadableFile
from core.files.sniffing import FileFacts, read_rows, sniff

__all__ = [
    "BadCell",
    "BadRow",
    "DateOrder",
    "Fault",
    "FileFacts",
    "Meter",
    "UnreadableFile",
    "parse_datetime",
    "parse_decimal",
    "parse_identifier",
    "parse_int",
    "parse_text",
    "read_rows",
    "sniff",
]
