"""What an audit row may hold."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from core.rules.masking import HIDDEN, mask_text

Changes = dict[str, list[Any]]


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any], *, personal: Collection[str] = ()) -> Changes:
    """The fields that differ, as {field: [old, new]}. Of a personal field only whether it was and is filled."""
    return {
        name: [_shown(old.get(name), personal=name in personal), _shown(new.get(name), personal=name in personal)]
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def safe_value(value: Any) -> Any:  # noqa: PLR0911  # a table of cases
    """Plain JSON; texts have phones, e-mail addresses and identity cards masked, bytes are hidden whole."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return mask_text(value).replace("\x00", "")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): safe_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [safe_value(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(safe_value(item) for item in value)
    return HIDDEN if isinstance(value, bytes | memoryview) else mask_text(str(value))


def _shown(value: Any, *, personal: bool) -> Any:
    if personal:
        return HIDDEN if value else None
    return safe_value(value)
