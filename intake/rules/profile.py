"""What stands in the columns of a sample, found with pandas: the words beside the choice of a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

import pandas as pd

from core.files import BadCell, DateOrder, parse_datetime
from core.files.cells import looks_like_number

EXAMPLES = 3
MOSTLY = 0.9


@dataclass(frozen=True)
class ColumnProfile:
    """`looks_like` is `number`, `date`, `text` or `empty`; `filled` the share of cells with something in them."""

    looks_like: str
    filled: float
    examples: list[str]


def profile(rows: Sequence[Sequence[str]], width: int) -> list[ColumnProfile]:
    """One profile per column; without rows every column is empty."""
    frame = pd.DataFrame(rows, columns=range(width), dtype="str")
    return [_column(frame[place]) for place in range(width)]


def _column(cells: "pd.Series[str]") -> ColumnProfile:
    filled = cells[cells.str.strip() != ""]
    if filled.empty:
        return ColumnProfile("empty", 0.0, [])
    examples = [str(text) for text in filled.drop_duplicates().head(EXAMPLES)]
    return ColumnProfile(_looks_like(filled), round(len(filled) / len(cells), 3), examples)


def _looks_like(filled: "pd.Series[str]") -> str:
    if filled.map(looks_like_number).mean() >= MOSTLY:
        return "number"
    return "date" if filled.map(_is_date).mean() >= MOSTLY else "text"


def _is_date(text: str) -> bool:
    try:
        parse_datetime(text, UTC, DateOrder.DAY_FIRST)
    except BadCell:
        return False
    return True
