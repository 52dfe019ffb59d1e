"""From the columns of a file to the fields of an import: proposed by name, checked before anything is read.

A mapping is JSON, as people write it for the commands and as a job keeps it:

    {"columns": {"order_no": "Invoice", "line_at": "#3"}, "constants": {"channel": "pos"}, "date_order": "dmy",
     "encoding": "gb18030", "delimiter": ";", "sheet": "2026", "has_header": true}

Only `columns` is needed, and only for columns whose names do not say what they are.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from core.files import DateOrder, FileFacts
from intake.enums import ImportKind
from intake.errors import MappingIncomplete, MappingInvalid
from intake.rules.fields import FIELDS, IDENTITIES, LAYOUT_COLUMNS, field_of

_NOT_LETTERS = re.compile(r"[\W_]+")
READING = ("encoding", "delimiter", "sheet", "has_header")
KEYS = frozenset({"columns", "constants", "date_order", *READING})


def propose(kind: str, layout: str, header: Iterable[str]) -> dict[str, str]:
    """Return field → column for every column whose name is known; no column twice, the first field wins."""
    if layout in LAYOUT_COLUMNS:
        return dict(LAYOUT_COLUMNS[layout])
    by_name: dict[str, str] = {}
    for title in header:
        by_name.setdefault(_NOT_LETTERS.sub("", title).lower(), title)
    proposed: dict[str, str] = {}
    for field in FIELDS[kind]:
        names = (field.name.replace("_", ""), *field.names)
        found = next((by_name[name] for name in names if name in by_name), None)
        if found is not None and found not in proposed.values():
            proposed[field.name] = found
    return proposed


def complete(kind: str, layout: str, given: Mapping[str, Any], facts: FileFacts) -> dict[str, Any]:
    """Return the mapping with what the column names propose added, every name checked against file and fields.

    A field given as an empty string is left out on purpose.

    Raises:
        MappingInvalid: an unknown key, field, date order or time zone.
        MappingIncomplete: a required field without a column.
        UnreadableFile: a column that the file does not have, or has twice.

    """
    if unknown := sorted(set(given) - KEYS):
        raise MappingInvalid(_("The mapping has unknown keys: %(keys)s.") % {"keys": ", ".join(unknown)})
    columns = given.get("columns") or {}
    constants = given.get("constants") or {}
    _check_names(kind, columns)
    _check_names(kind, constants)
    chosen = {
        name: title
        for name, title in propose(kind, layout, facts.header).items()
        if name not in columns and name not in constants and title not in columns.values()
    }
    chosen |= {name: title for name, title in columns.items() if title}
    for title in chosen.values():
        facts.position(title)
    _check_required(kind, {*chosen, *constants})
    return {
        **{key: given[key] for key in READING if key in given},
        "columns": chosen,
        "constants": constants,
        "date_order": _date_order(given.get("date_order", "")),
    }


def _check_names(kind: str, chosen: object) -> None:
    if not isinstance(chosen, Mapping) or not all(isinstance(value, str) for value in chosen.values()):
        raise MappingInvalid(_("Columns and constants are given as field → text."))
    for name in chosen:
        if field_of(kind, name) is None:
            known = ", ".join(field.name for field in FIELDS[kind])
            raise MappingInvalid(
                _("There is no field “%(name)s”. The fields are: %(known)s.") % {"name": name, "known": known}
            )


def _check_required(kind: str, present: set[str]) -> None:
    missing = {
        field.name: [_("No column for this field.")]
        for field in FIELDS[kind]
        if field.required and field.name not in present
    }
    if kind == ImportKind.MEMBERS and not present.intersection(IDENTITIES):
        missing = {"external_id": [_("A column is needed to know members by, such as a customer number or a phone.")]}
    if missing:
        labels = ", ".join(str(field.label) for field in FIELDS[kind] if field.name in missing)
        raise MappingIncomplete(_("These fields have no column: %(labels)s.") % {"labels": labels}, fields=missing)


def _date_order(text: object) -> str:
    try:
        return DateOrder(str(text)).value
    except ValueError:
        raise MappingInvalid(_("The order of a date is dmy or mdy, not “%(text)s”.") % {"text": text}) from None


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name; MappingInvalid if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingInvalid(_("There is no time zone named “%(name)s”.") % {"name": name}) from None
