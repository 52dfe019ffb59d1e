"""WeCom's operations as rows of `endpoints.json`: what each takes, how it is paged, whether it may be repeated."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFIX = "/cgi-bin/"
TABLE = Path(__file__).with_name("endpoints.json")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A value that an operation takes, in its body or in the query of its address."""

    name: str
    in_query: bool = False
    required: bool = False
    is_list: bool = False
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Paging:
    """How a list goes on: by a `cursor` until it is empty, by an `offset`, or as long as it says `has_more`.

    `limit` names the field with the size of a page (None: the platform decides). Above `maximum` the platform takes the
    maximum or its default, as `over` says ("max", "default"; "": not known), so we never ask for more.
    `lives` seconds is how long a cursor may be used.
    """

    kind: str
    items: str
    limit: str | None = None
    default: int | None = None
    maximum: int | None = None
    over: str = ""
    lives: int | None = None
    next: str = "next_cursor"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One operation. `api` is its path below /cgi-bin/; `doc` the page of the platform's handbook.

    `scope` is which apps may call it: "customers", "kf", "archive", "directory_sync"; "" for every app of the corp.
    """

    api: str
    group: str
    method: str
    doc: int
    read: bool
    retry: str
    fields: Mapping[str, Field]
    response: tuple[str, ...]
    scope: str = ""
    open: bool = False
    bytes: bool = False
    file: str | None = None
    limits: str = ""
    paging: Paging | None = None

    @property
    def path(self) -> str:
        return PREFIX + self.api

    def may_repeat(self, values: Mapping[str, Any]) -> bool:
        """Whether the same call may be sent again when nobody knows whether it was carried out."""
        retry, _colon, key = self.retry.partition(":")
        return retry in {"read", "repeatable"} or (retry == "keyed" and bool(values.get(key)))


def read_table(path: Path = TABLE) -> dict[str, Endpoint]:
    rows = json.loads(path.read_text(encoding="utf-8"))["endpoints"]
    return {row["api"]: _endpoint(row) for row in rows}


def _endpoint(row: Mapping[str, Any]) -> Endpoint:
    plain = {name: value for name, value in row.items() if name not in {"request", "response", "paging"}}
    fields = [_field(given, row["method"]) for given in row["request"]]
    return Endpoint(
        **plain,
        fields={field.name: field for field in fields},
        response=tuple(row["response"]),
        paging=_paging(row["paging"]) if "paging" in row else None,
    )


def _field(given: Mapping[str, Any], method: str) -> Field:
    return Field(
        name=given["name"],
        in_query=method == "GET" or given.get("in") == "query",
        required=given.get("required", False),
        is_list=given.get("list", False),
        at_most=given.get("at_most"),
    )


def _paging(given: Mapping[str, Any]) -> Paging:
    plain = {name: value for name, value in given.items() if name not in {"max", "size"}}
    return Paging(**plain, maximum=given.get("max"))


ENDPOINTS: Mapping[str, Endpoint] = read_table()
