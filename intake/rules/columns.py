"""A column of a chunk at once: files repeat themselves, so each different text is converted once and looked up after."""

from collections.abc import Callable, Sequence

from core.files import BadCell
from core.files.writing import restore_text
from intake.rules.cells import ConvertOrNone, copy_text
from intake.rules.fields import Field

#: Answers that a column keeps from chunk to chunk.
REMEMBERED = 20_000


class Column:
    """One mapped column: `place` in the file from 0, the field it becomes, and what was converted so far.

    Values come as COPY text, or as `encode` leaves them.
    """

    def __init__(
        self, place: int, field: Field, convert: ConvertOrNone, encode: Callable[[str | None], str] = copy_text
    ) -> None:
        self.place = place
        self.field = field
        self._convert = convert
        self._encode = encode
        self._known: dict[str, str] = {}
        self._refused: dict[str, str] = {}

    def convert(self, texts: Sequence[str]) -> tuple[list[str], dict[int, str]]:
        """Return the values in order, and the codes of faults by place in `texts` (their values are empty)."""
        different = set(texts)
        self._learn(different)
        values = list(map(self._known.__getitem__, texts))
        if self._refused.keys().isdisjoint(different):
            return values, {}
        refused = self._refused
        return values, {place: refused[text] for place, text in enumerate(texts) if text in refused}

    def _learn(self, different: set[str]) -> None:
        known = self._known
        if len(known) > REMEMBERED:
            known.clear()
            self._refused.clear()
        for text in different.difference(known):
            try:
                known[text] = self._encode(self._convert(restore_text(text)))
            except BadCell as refused:
                known[text] = ""
                self._refused[text] = refused.fault.value
