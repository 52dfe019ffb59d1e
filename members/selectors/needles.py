"""The texts by which a person would be found where nobody expects her: in files, in saved searches, in reports."""

from dataclasses import dataclass

from core.rules.masking import HIDDEN
from core.services.sealing import open_rows
from members.models import Identity, Member
from members.rules.identities import MASKS

SEALED = Identity._meta.get_field("sealed")
SHORTEST = 5  # a shorter customer number is part of too many other texts


@dataclass(frozen=True)
class Needles:
    """`values` lead to her alone; `masked` are how they look masked; a name is shared with others."""

    values: frozenset[str]
    masked: frozenset[str]
    name: str

    def is_sought(self, text: str) -> bool:
        """Whether somebody who searches for `text` looks for her."""
        text = text.strip()
        return text in self.values or text in self.masked or (bool(self.name) and text == self.name)


def needles_of(member_id: int) -> Needles:
    """Everything she is known by, in clear: for an erasure in progress, never for a page."""
    rows = list(Identity.objects.filter(member=member_id))
    clear = [
        (row.type, text if isinstance(text, str) else row.lookup)
        for row, text in zip(rows, open_rows(SEALED, rows), strict=True)
    ]
    masked = {MASKS[kind](text) for kind, text in clear if kind in MASKS} - {HIDDEN}
    names = Member.objects.filter(pk=member_id).values_list("name", flat=True)
    return Needles(frozenset(text for _kind, text in clear), frozenset(masked), next(iter(names), ""))
