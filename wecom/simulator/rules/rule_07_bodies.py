"""Rule 7: a POST endpoint wants a JSON object in the body, as UTF-8 and without escapes by code point (40033)."""

import json
import re

from wecom.simulator.errors import Json, Refusal

ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
WRONG_JSON = "Warning: wrong json format. invalid Request Parameter"


def read_json(raw: bytes, *, method: str) -> Json:
    """The object; a GET, or a POST with nothing in it, is refused with 40058."""
    if method != "POST":
        raise Refusal(40058, f"{WRONG_JSON}: the endpoint takes POST")
    if ESCAPE.search(raw):
        raise Refusal(40033)
    try:
        found = json.loads(raw.decode("utf-8")) if raw.strip() else {}
    except ValueError:
        raise Refusal(40058, WRONG_JSON) from None
    if not isinstance(found, dict):
        raise Refusal(40058, WRONG_JSON)
    return found
