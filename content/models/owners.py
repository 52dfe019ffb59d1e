"""What slots of the calendar may belong to: upper apps say what they have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import Text
from core.registries import Registry


@dataclass(frozen=True)
class SlotOwner:
    """One thing that slots can be planned for."""

    number: int
    name: str


@dataclass(frozen=True, kw_only=True)
class SlotOwners:
    """`code` is the `source_kind` of its slots; `choices` are those that a slot may be planned for now.

    `find` answers one by its number, whether it may be chosen any more or not.
    """

    code: str
    label: Text
    choices: Callable[[], Sequence[SlotOwner]]
    find: Callable[[int], SlotOwner | None]
    order: int = 100


slot_owners: Registry[SlotOwners] = Registry("owners of slots")
