"""From the columns of a file to the fields of an import: proposed by name, checked before anything is read.

A mapping is JSON, as people write it for the commands and as a job keeps it:

    {"columns": {"order_no": "Invoice", "line_at": "#3"}, "constants": {"channel": "pos"}, "date_order": "dmy",
     "encoding": "gb18030", "delimiter": ";", "sheet": "2026", "has_header": true}

Only `columns` is needed, and only for columns whose names do not say what they are.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from core.files import DateOrder, FileFacts
from intake.enums import ImportKind
from intake.errors import MappingIncomplete, MappingInvalid
from intake.rules.fields import FIELDS, LAYOUT_COLUMNS, Field, field_of, needs_of

_NOT_LETTERS = re.compile(r"[\W_]+")
#: 手机号（必填）, 实付金额(元): what stands in brackets explains the name.
_ASIDE = re.compile(r"[(\[【〔].*?[)\]】〕]")
#: 会员手机号 is her 手机号; of a file of members only, where nobody else is spoken of.
_WHOSE = re.compile(r"^(?:会员|客户|顾客|用户|买家|member|customer|client|user|buyer)s?(?=.)")
READING = ("encoding", "delimiter", "sheet", "has_header")
KEYS = frozenset({"columns", "constants", "date_order", *READING})


def folded(title: str) -> str:
    """The name of a column as it is compared: width, case, punctuation and what stands in brackets fall away."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    return _NOT_LETTERS.sub("", _ASIDE.sub("", plain)) or _NOT_LETTERS.sub("", plain)


def propose(kind: str, layout: str, header: Iterable[str]) -> dict[str, str]:
    """Return field → column for every column whose name is known; no column twice, the first field wins."""
    if layout in LAYOUT_COLUMNS:
        return dict(LAYOUT_COLUMNS[layout])
    by_name = _by_name(kind, header)
    proposed: dict[str, str] = {}
    for field in FIELDS[kind]:
        names = (field.name.replace("_", ""), *field.names)
        found = next((by_name[name] for name in names if name in by_name), None)
        if found is not None and found not in proposed.values():
            proposed[field.name] = found
    return proposed


def _by_name(kind: str, header: Iterable[str]) -> dict[str, str]:
    """The columns by their folded names; a name of its own comes before one that only says whose it is."""
    titles = {title: folded(title) for title in header}
    by_name: dict[str, str] = {}
    for title, name in titles.items():
        by_name.setdefault(name, title)
    if kind == ImportKind.MEMBERS:
        for title, name in titles.items():
            by_name.setdefault(_WHOSE.sub("", name), title)
    return by_name


def of_members(kind: str, titles: Iterable[str]) -> list[str]:
    """Columns that a file of this kind has no field for, and a file of members has: names, phones, birthdays."""
    if kind == ImportKind.MEMBERS:
        return []
    known = set(propose(kind, "", titles := list(titles)).values())
    persons = {field.name for field in FIELDS[ImportKind.MEMBERS] if field.personal}
    named = propose(ImportKind.MEMBERS, "", [title for title in titles if title not in known])
    return [title for name, title in named.items() if name in persons]


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


def missing(kind: str, present: Collection[str]) -> list[tuple[Field, ...]]:
    """What still needs a column; where several are named, one of them is enough."""
    return [fields for fields in needs_of(kind) if not any(field.name in present for field in fields)]


def _check_required(kind: str, present: Collection[str]) -> None:
    lacking = missing(kind, present)
    if not lacking:
        return
    words = [_(" or ").join(str(field.label) for field in fields) for fields in lacking]
    faults = {fields[0].name: [_("No column for this field.")] for fields in lacking}
    if kind == ImportKind.MEMBERS:
        faults = {"external_id": [_("A column is needed to know members by, such as a customer number or a phone.")]}
    raise MappingIncomplete(
        _("These fields have no column: %(labels)s.") % {"labels": _(", ").join(words)}, fields=faults
    )


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
