"""A call as bytes on the wire: checked against the table first, so that a mistake of ours costs no call."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wecom.client.endpoints import Endpoint, Field
from wecom.errors import CallMalformed


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as the platform takes it; the name shows to whoever receives it."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What will be sent, without the token."""

    endpoint: Endpoint
    query: Mapping[str, str]
    body: bytes | None
    content_type: str
    may_repeat: bool


def prepare(endpoint: Endpoint, values: Mapping[str, Any], upload: Upload | None = None) -> Call:
    """Raises CallMalformed for fields that are missing, unknown, or lists that are longer than the platform takes.

    A value that is None is not sent. Texts go as UTF-8: the platform refuses JSON with escaped characters.
    """
    given = {name: value for name, value in values.items() if value is not None}
    _check(endpoint, given, upload)
    query = {name: _text(value) for name, value in given.items() if _in_query(endpoint, name)}
    rest = {name: value for name, value in given.items() if not _in_query(endpoint, name)}
    body, content_type = None, ""
    if upload is not None:
        body, content_type = _multipart(endpoint.file or "media", upload)
    elif endpoint.method == "POST":
        body, content_type = _json(endpoint, rest), "application/json; charset=utf-8"
    return Call(
        endpoint=endpoint, query=query, body=body, content_type=content_type, may_repeat=endpoint.may_repeat(given)
    )


def _check(endpoint: Endpoint, given: Mapping[str, Any], upload: Upload | None) -> None:
    wrong = {name: "missing" for name, field in endpoint.fields.items() if field.required and name not in given}
    if not endpoint.open:
        wrong |= dict.fromkeys(given.keys() - endpoint.fields.keys(), "unknown")
    listed = {name: _about_list(given.get(name), field) for name, field in endpoint.fields.items()}
    wrong |= {name: said for name, said in listed.items() if said}
    if endpoint.paging and endpoint.paging.limit and endpoint.paging.maximum:
        asked = given.get(endpoint.paging.limit, 1)
        if not (isinstance(asked, int) and 0 < asked <= endpoint.paging.maximum):
            wrong[endpoint.paging.limit] = "no size of a page"
    if (upload is None) != (endpoint.file is None):
        wrong["file"] = "missing" if upload is None else "unknown"
    if wrong:
        raise CallMalformed(fields={name: [f"{endpoint.api}: {said}"] for name, said in sorted(wrong.items())})


def _about_list(value: Any, field: Field) -> str:
    if value is None or not field.is_list:
        return ""
    if not isinstance(value, list | tuple):
        return "no list"
    return "too long" if field.at_most is not None and len(value) > field.at_most else ""


def _in_query(endpoint: Endpoint, name: str) -> bool:
    field = endpoint.fields.get(name)
    return endpoint.method == "GET" or (field is not None and field.in_query)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _json(endpoint: Endpoint, values: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:  # half a character among them
        raise CallMalformed(fields={"body": [f"{endpoint.api}: cannot be written as JSON"]}) from error


def _multipart(field: str, upload: Upload) -> tuple[bytes, str]:
    """One file as a form; the platform wants its length beside its name."""
    boundary = secrets.token_hex(16)
    name = "".join("_" if char in '"\\\r\n' or not char.isprintable() else char for char in upload.name) or "file"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="{name}"; filelength={len(upload.content)}\r\n'
        f"Content-Type: {upload.content_type}\r\n\r\n"
    )
    try:
        start = head.encode()
    except UnicodeEncodeError as error:
        raise CallMalformed(fields={"file": ["a name that cannot be written"]}) from error
    return start + upload.content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
