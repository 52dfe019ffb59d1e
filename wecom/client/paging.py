"""Reading lists to their end, page by page; a caller that keeps `Page.next` goes on from there after a kill."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from wecom.client.endpoints import ENDPOINTS, Paging
from wecom.errors import CallMalformed, Retryable

Mark = str | int


class Caller(Protocol):
    """`WecomClient`, or whoever counts its calls."""

    def call(self, api: str, /, **values: Any) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Page:
    """`next` is where the following page begins; None is the end. `body` is the whole answer."""

    items: list[Any]
    next: Mark | None
    body: dict[str, Any]


class ListStuck(Retryable):
    """The platform gave the same mark again: reading on would never end."""

    code = "wecom_list_stuck"
    message = _("WeCom's list does not go on: it names the same place again.")


def pages(client: Caller, api: str, /, *, start: Mark | None = None, **values: Any) -> Iterator[Page]:
    """The pages of a list from `start` (None: from its beginning), as large as the platform gives them.

    Raises CallMalformed for an operation that is no list, ListStuck, and whatever a call raises.
    """
    paging = ENDPOINTS[api].paging if api in ENDPOINTS else None
    if paging is None:
        raise CallMalformed(fields={"api": [f"{api} is no list"]})
    field = "offset" if paging.kind == "offset" else "cursor"
    size = _size(paging, values)
    mark = start if start is not None else (0 if paging.kind == "offset" else None)
    while True:
        page = _page(paging, client.call(api, **values, **size, **{field: mark}), mark, size)
        if page.next is not None and page.next == mark:
            raise ListStuck(api=api)
        yield page
        if page.next is None:
            return
        mark = page.next


def items(client: Caller, api: str, /, **values: Any) -> Iterator[Any]:
    """Every item of a list."""
    for page in pages(client, api, **values):
        yield from page.items


def _size(paging: Paging, values: dict[str, Any]) -> dict[str, int]:
    """As many as the platform gives at most: more than that, and some lists fall back to their small default."""
    if paging.limit is None or paging.limit in values or paging.maximum is None:
        return {}
    return {paging.limit: paging.maximum}


def _page(paging: Paging, body: dict[str, Any], mark: Mark | None, size: dict[str, int]) -> Page:
    found = body.get(paging.items) or []
    following = _NEXT[paging.kind](paging, body, len(found), mark, size)
    return Page(found, following, body)


def _by_cursor(paging: Paging, body: dict[str, Any], *_rest: Any) -> Mark | None:
    """An empty cursor is the end, whatever the list holds; one list says it by a flag besides."""
    return None if body.get("is_last") is True else body.get(paging.next) or None


def _by_flag(paging: Paging, body: dict[str, Any], *_rest: Any) -> Mark | None:
    """Only the flag counts: a page may be empty and the list go on, and there is a cursor behind the last page too."""
    return (body.get(paging.next) or None) if body.get("has_more") == 1 else None


def _by_offset(
    paging: Paging, body: dict[str, Any], found: int, mark: Mark | None, size: dict[str, int]
) -> Mark | None:
    """By the offset that is named and the total, or until a page is not full."""
    if not found:
        return None
    if paging.next in body and "total" in body:
        return int(body[paging.next]) if int(body[paging.next]) < int(body["total"]) else None
    full = size.get(paging.limit or "", paging.maximum or 0)
    return int(mark or 0) + found if found >= full else None


_NEXT = {"cursor": _by_cursor, "has_more": _by_flag, "offset": _by_offset}
