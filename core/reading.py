"""A page asks the same thing from several places; the database is asked once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("reading", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Inside, whatever is marked `read_once` answers each question once. For a page that writes nothing."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def read_once(function: Callable[P, T]) -> Callable[P, T]:
    """The same arguments get the same answer, the very object, within `one_reading`; outside of it nothing is kept."""

    @wraps(function)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        kept = _kept.get()
        if kept is None:
            return function(*args, **kwargs)
        question = (function, args, tuple(sorted(kwargs.items())))
        if question not in kept:
            kept[question] = function(*args, **kwargs)
        answer: T = kept[question]
        return answer

    return once
