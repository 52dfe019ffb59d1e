"""Who is asking and from where, known to services without being handed through every call."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an act comes from. `key_label` names the API key, if one was used."""

    address: str | None = None
    user_agent: str = ""
    request_id: str = ""
    key_label: str = ""


_NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


def current_origin() -> Origin:
    """The origin of the request or task being served; an empty one outside of both."""
    return _origin.get()


@contextmanager
def acting_from(origin: Origin) -> Iterator[None]:
    """Everything inside happens from there."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def note_key(label: str) -> None:
    """From here on, this request is known to use that API key."""
    _origin.set(replace(_origin.get(), key_label=label))
