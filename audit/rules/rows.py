"""Rows and seals as bytes: the same bytes for the same content, whoever computes them.

The database hashes a row when it is written, by a trigger; whoever verifies computes the same here, from the columns.
Both write a JSON array of the columns as texts (null where there is none), as PostgreSQL's `json_build_array` and
Python's `json` do alike. These forms must never change for rows already written.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

_MICROSECONDS = "(extract(epoch FROM {row}at) * 1000000)::bigint::text"
_TEXT_OF = {
    **{name: f"{{row}}{name}::text" for name in ("id", "actor_id", "address", "changes", "xid")},
    "at": _MICROSECONDS,
}
COLUMNS = (
    *("id", "at", "actor_type", "actor_id", "actor_label", "action"),
    *("object_type", "object_id", "object_label", "reason", "address", "user_agent", "request_id", "changes", "xid"),
)
_encode = json.JSONEncoder(ensure_ascii=False).encode


def column_texts(row: str = "") -> str:
    """SQL of the columns as texts, in the order of COLUMNS; `row` stands before each name ("NEW.")."""
    return ", ".join(_TEXT_OF.get(name, f"{{row}}{name}").format(row=row) for name in COLUMNS)


def row_hash_sql(row: str = "") -> str:
    """SQL of the hash of a row. The columns as texts are those that `row_hash` takes."""
    return f"sha256(convert_to(json_build_array({column_texts(row)})::text, 'UTF8'))"


def row_hash(texts: Sequence[str | None]) -> bytes:
    """The hash of a row, from the columns as texts in the order of COLUMNS."""
    return sha256(_encode(texts).encode()).digest()


def canonical_bytes(fields: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, moments in UTC with microseconds, UTF-8, no spaces: what the signature of a seal signs."""
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
    if isinstance(value, Decimal):
        return str(value)
    return value.hex() if isinstance(value, bytes) else value
