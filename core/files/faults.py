"""What can be wrong with a file, a row or a cell: stable codes, words for them, and the three ways to say it."""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.errors import Text, ValidationFailed


class Fault(TextChoices):
    """Why a row cannot be used; the code is stable and stands in reports."""

    BAD_ENCODING = "bad_encoding", _("Characters not readable in this encoding")
    BAD_CHARACTER = "bad_character", _("Contains a control character")
    BAD_QUOTE = "bad_quote", _("Quotation mark out of place or never closed")
    COLUMN_COUNT = "column_count", _("Number of cells differs from the header")
    LINE_TOO_LONG = "line_too_long", _("Line too long")
    MISSING_VALUE = "missing_value", _("Required value missing")
    TOO_LONG = "too_long", _("Text too long")
    ERROR_CELL = "error_cell", _("The spreadsheet shows an error here")
    BAD_DATE = "bad_date", _("Not a date")
    AMBIGUOUS_DATE = "ambiguous_date", _("Day and month cannot be told apart")
    BAD_NUMBER = "bad_number", _("Not a number")
    NOT_WHOLE = "not_whole", _("Not a whole number")
    OUT_OF_RANGE = "out_of_range", _("Number out of range")
    ROUNDED_NUMBER = "rounded_number", _("The spreadsheet has rounded this number")


class BadRow(NamedTuple):
    """A row that could not be read: where it begins, the 1-based column if one is to blame, why, and what stands there."""

    line: int
    column: int | None
    fault: Fault
    cells: tuple[str, ...] = ()


OnBad = Callable[[BadRow], None]


class BadCell(ValueError):
    """A cell whose text is not what its column needs; apps above have faults of their own."""

    def __init__(self, fault: TextChoices) -> None:
        super().__init__(fault.value)
        self.fault = fault


class UnreadableFile(ValidationFailed):
    """The file as a whole cannot be read; `reason` is stable, `line` and `column` say where when that is known."""

    code = "unreadable_file"
    MESSAGES: ClassVar[dict[str, Text]] = {
        "missing_file": _("There is no such file."),
        "empty_file": _("The file is empty."),
        "unknown_kind": _("This is neither a text table nor an XLSX workbook."),
        "old_excel": _(
            "This is an old or password-protected Excel file. Save it as XLSX without a password, or as CSV."
        ),
        "unknown_encoding": _("The encoding of the text is not recognised. Save it as UTF-8, or name the encoding."),
        "bad_encoding": _("The text cannot be read in the encoding %(encoding)s."),
        "broken_archive": _("The compressed file is damaged or cut off."),
        "broken_workbook": _("The workbook is damaged or not a real XLSX file."),
        "password": _("The workbook is protected by a password. Save it without one."),
        "bomb": _("The file unpacks to far more than its size allows; it is refused."),
        "too_many_columns": _("The file has more than %(limit)s columns."),
        "no_such_sheet": _("There is no sheet named “%(sheet)s”. The sheets are: %(sheets)s."),
        "duplicate_header": _("The column name “%(name)s” occurs twice; which one is meant cannot be known."),
        "no_such_column": _("There is no column named “%(name)s”. The columns are: %(names)s."),
    }

    def __init__(self, reason: str, *, line: int | None = None, column: int | None = None, **facts: object) -> None:
        self.reason = reason
        self.line = line
        self.column = column
        self.facts = facts
        super().__init__(self.MESSAGES[reason])

    def __str__(self) -> str:
        """One sentence in the reader's language, with the place in front when it is known."""
        sentence = str(self.message) % self.facts
        if self.line is None:
            return sentence
        place = {"line": self.line, "column": self.column, "sentence": sentence}
        if self.column is None:
            return _("Line %(line)s: %(sentence)s") % place
        return _("Line %(line)s, column %(column)s: %(sentence)s") % place
