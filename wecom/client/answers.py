"""An answer of the platform: plain data, or what kind of failure it is."""

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from core.http import Answer
from wecom.client.faults import Fault, fault_of

TRACE = re.compile(r"hint: \[([^\]]{1,100})\]")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The platform refused. `trace` is its mark of the call."""

    fault: Fault
    trace: str = ""


@dataclass(frozen=True)
class Unreadable:
    """Nothing that the platform says: an error page of something in between, or half an answer."""

    status: int


Read = dict[str, Any] | Failure | Unreadable


def read(answer: Answer) -> Read:
    """The platform says what went wrong in the body, with status 200; a missing errcode is a success."""
    if answer.status != HTTPStatus.OK:
        return Unreadable(answer.status)
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return Unreadable(answer.status)
    code = said.get("errcode", 0) if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(code, int):
        return Unreadable(answer.status)
    if code == 0:
        return said
    trace = TRACE.search(str(said.get("errmsg", "")))
    return Failure(fault=fault_of(code), trace=trace[1] if trace else "")


def read_bytes(answer: Answer) -> bytes | Read:
    """A file comes with its name in a header; whatever does not is about the call."""
    if answer.status == HTTPStatus.OK and "content-disposition" in answer.headers:
        return answer.body
    said = read(answer)
    return Unreadable(answer.status) if isinstance(said, dict) else said
