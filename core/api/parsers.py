"""JSON as the database can hold it: what cannot be stored is refused with 400, not found out by a 500."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32
MAX_DIGITS = 40
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class StrictJSONParser(BaseParser):
    """UTF-8 only; no NUL, no lone surrogate, no NaN or infinity, no number of more than 40 digits, 32 levels deep."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        del media_type, parser_context
        return parse_json(stream.read())


def parse_json(body: bytes) -> Any:
    """Raises ParseError with a sentence."""
    try:
        value = json.loads(
            body.decode("utf-8"), parse_int=_integer, parse_float=_number, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise ParseError(_("The body is not UTF-8 (byte %(place)d).") % {"place": error.start}) from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise ParseError(_("The body is not JSON (line %(line)d, column %(column)d).") % place) from error
    except RecursionError as error:
        raise ParseError(_("The body is nested too deeply.")) from error
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise ParseError(_("The body is nested too deeply."))
    if _SUSPECT.search(body) and not all(is_storable(text) for text in _texts(value)):
        raise ParseError(_("A text holds characters that cannot be stored."))
    return value


def is_storable(text: str) -> bool:
    """No NUL and no lone surrogate: PostgreSQL can hold neither."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        _refuse_number()
    return int(text)


def _number(text: str) -> float:
    value = float(text) if len(text) <= 2 * MAX_DIGITS else math.inf
    if math.isinf(value):
        _refuse_number()
    return value


def _refuse_number() -> NoReturn:
    raise ParseError(_("A number is too large."))


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(_("%(name)s is not a number.") % {"name": name})


def _depth(value: Any) -> int:
    """How deep it is, counted level by level."""
    level, depth = [value], 0
    while level := [inner for outer in level for inner in _inside(outer)]:
        depth += 1
    return depth


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
        waiting.extend(_inside(item))
