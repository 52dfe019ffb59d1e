"""What holds for a material beyond its review: upper apps say what its author agreed to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from content.enums import ShownOn
from content.models.slots import Slot
from core.registries import Registry


@dataclass(frozen=True, kw_only=True)
class MaterialLimit:
    """`until` is its last day; `places` are all where it may be shown (None: anywhere); `is_over`: no use at all."""

    until: date | None = None
    places: frozenset[ShownOn] | None = None
    is_over: bool = False


@dataclass(frozen=True, kw_only=True)
class MaterialLimits:
    """`find` answers by the number of a material; None where this app limits nothing.

    `published` hears, by the same number, of a slot that was recorded as published at that moment.
    """

    code: str
    find: Callable[[int], MaterialLimit | None]
    published: Callable[[int, Slot, datetime], None]
    order: int = 100


material_limits: Registry[MaterialLimits] = Registry("limits of materials")
