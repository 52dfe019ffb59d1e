"""What can be put before the legal reviewer: upper apps register their kinds of objects here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import Text
from core.registries import Registry


@dataclass(frozen=True, kw_only=True)
class Part:
    """One text of an object, under the name by which the author knows it ("headline", "body")."""

    name: str
    text: str


def _nothing(_object_id: int) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Reviewable:
    """One kind of object, known by its number.

    `parts` reads the texts that members will see; `url` leads to the object's own page, or is "". What follows from a
    decision (`approved`; `withdrawn` after a return, an expiry or an edit) happens in the same transaction.
    """

    code: str
    label: Text
    parts: Callable[[int], Sequence[Part]]
    url: Callable[[int], str]
    approved: Callable[[int], None] = _nothing
    withdrawn: Callable[[int], None] = _nothing
    order: int = 100


reviewables: Registry[Reviewable] = Registry("reviewables")
