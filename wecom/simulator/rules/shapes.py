"""How fields of a request are read; what is missing or of another kind is refused as WeCom does (40058, 40063)."""

from typing import Any

from wecom.simulator.errors import Json, Refusal

LARGEST = 2**53  # what every JSON reader keeps exactly


def text(body: Json, key: str, *, most: int | None = None, needed: bool = False) -> str:
    """A string of at most `most` characters; a number is taken as its digits."""
    value = body.get(key)
    if value is None or value == "":
        if needed:
            raise Refusal(40063, f"missing parameter {key}")
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or (most is not None and len(value) > most):
        raise Refusal(40058, f"invalid parameter {key}")
    return value


def octets(body: Json, key: str, *, most: int, needed: bool = False) -> str:
    """A string of at most `most` bytes in UTF-8."""
    value = text(body, key, needed=needed)
    if len(value.encode()) > most:
        raise Refusal(40058, f"{key} exceeds {most} bytes")
    return value


def integer(body: Json, key: str, default: int | None = None) -> int:
    """Digits in a string count, as they come in a query; without `default` the field is needed."""
    value = body.get(key)
    if value in (None, ""):
        if default is None:
            raise Refusal(40063, f"missing parameter {key}")
        return default
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    if not isinstance(value, int) or abs(value) > LARGEST:
        raise Refusal(40058, f"invalid parameter {key}")
    return int(value)


def strings(body: Json, key: str, *, most: int, needed: bool = False) -> list[str]:
    value = body.get(key) or []
    if needed and not value:
        raise Refusal(40063, f"missing parameter {key}")
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str | int) for item in value):
        raise Refusal(40058, f"invalid parameter {key}")
    return [str(item) for item in value]


def mapping(body: Json, key: str) -> Json:
    value: Any = body.get(key) or {}
    if not isinstance(value, dict):
        raise Refusal(40058, f"invalid parameter {key}")
    return value


def mappings(body: Json, key: str, *, most: int) -> list[Json]:
    value: Any = body.get(key) or []
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, dict) for item in value):
        raise Refusal(40058, f"invalid parameter {key}")
    return value


def limit_to_default(body: Json, *, default: int, most: int) -> int:
    """Above the maximum it falls to the default, as in the lists of mass messages and moments."""
    asked = integer(body, "limit", 0)
    return asked if 0 < asked <= most else default


def limit_to_most(body: Json, *, default: int, most: int) -> int:
    """Above the maximum it falls to the maximum, as in batch/get_by_user."""
    asked = integer(body, "limit", 0)
    return min(asked, most) if asked > 0 else default


def span(body: Json, start: str, end: str, *, most: int) -> tuple[int, int]:
    """Two moments, not in the wrong order, at most `most` seconds apart."""
    first, last = integer(body, start), integer(body, end)
    if last < first or last - first > most:
        raise Refusal(40058, f"invalid span from {start} to {end}")
    return first, last
