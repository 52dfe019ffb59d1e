"""Rule 8: a cursor that was not given out is 50100; an empty `next_cursor` ends a list; some cursors age."""

import base64
import hashlib
import json
from typing import NamedTuple

from wecom.simulator.clock import HOUR
from wecom.simulator.errors import Refusal

CONTACT_LIST_LIFE = 4 * HOUR


class Place(NamedTuple):
    """Where a list goes on: after this key; `issued` is when its first page was read."""

    key: int
    issued: int


def _seal(kind: str, text: bytes) -> str:
    return hashlib.sha256(kind.encode() + b"|" + text).hexdigest()[:12]


def write_cursor(kind: str, key: int, issued: int) -> str:
    text = json.dumps([key, issued]).encode()
    return base64.urlsafe_b64encode(_seal(kind, text).encode() + text).decode().rstrip("=")


def read_cursor(kind: str, cursor: str, *, now: int, life: int | None = None) -> Place:
    if not cursor:
        return Place(0, now)
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        seal, text = raw[:12].decode(), raw[12:]
        if seal != _seal(kind, text):
            raise Refusal(50100)
        place = Place(*json.loads(text))
    except (ValueError, TypeError):
        raise Refusal(50100) from None
    if life is not None and now - place.issued > life:
        raise Refusal(50100)
    return place
