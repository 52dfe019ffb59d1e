"""What a file of each kind may hold, said before it is chosen."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from intake.enums import ImportKind
from intake.rules.cells import words_of
from intake.rules.fields import FIELDS, Field, needs_of
from intake.rules.samples import MEANT, WRITTEN, example


def in_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def guide_of(kind: ImportKind) -> dict[str, Any]:
    """The columns of the kind: those that are needed, those of which one is, and those that may be there."""
    needs = needs_of(kind)
    groups = [(_("Needed"), [fields[0] for fields in needs if len(fields) == 1])]
    groups += [(_("At least one of these"), list(fields)) for fields in needs if len(fields) > 1]
    named = {field for fields in needs for field in fields}
    groups.append((_("May be there"), [field for field in FIELDS[kind] if field not in named]))
    shown = [(title, [_column(kind, field) for field in fields]) for title, fields in groups if fields]
    return {"kind": kind.value, "label": kind.label, "groups": shown}


def _column(kind: str, field: Field) -> dict[str, Any]:
    chinese = in_chinese()
    return {
        "label": field.label,
        "meant": MEANT.get(field.name, ""),
        "written": WRITTEN.get(field.cell, ""),
        "words": " / ".join(words_of(field.cell, chinese=chinese)),
        "example": example(kind, field, chinese=chinese),
    }
