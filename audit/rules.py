"""What an audit row may hold, and the one way to write a row as bytes."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
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


def canonical_bytes(fields: Mapping[str, Any]) -> bytes:
    """The same bytes for the same row, whoever computes them: sorted keys, UTC with microseconds, UTF-8, no spaces.

    This is what a seal signs, so its form must never change for rows already written.
    """
    return json.dumps(
        {name: _canonical(value) for name, value in fields.items()},
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    ).encode()


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, Decimal) else value


def _shown(value: Any, *, personal: bool) -> Any:
    if personal:
        return HIDDEN if value else None
    return safe_value(value)
