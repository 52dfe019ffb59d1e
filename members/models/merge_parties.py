"""Who has a say when records are merged: each app that knows something of members, by an entry of its own.

Calls go down and news goes up: `members` merges, and names nobody who follows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import Text
from core.registries import Registry
from members.events import RecordsMoved

Records = Sequence[int]


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """One line of what a merge brings, in words: what the record that goes has of it, and what becomes of that."""

    label: Text
    value: Text
    note: Text = ""


@dataclass(frozen=True, kw_only=True)
class MergeParty:
    """One app's part. All are called under the lock of the merge, with all records of each of the two persons.

    `refuse(keep, merge, now)` and `refuse_undo(stays, leaves, since, now)` raise a ScrmError where it must not be;
    `since` is when the record was merged. `follow` is called in the transaction of the act, which fails with it.
    """

    code: str
    plan: Callable[[Records, Records], Iterable[PlanLine]] | None = None
    refuse: Callable[[Records, Records, datetime], None] | None = None
    refuse_undo: Callable[[Records, Records, datetime, datetime], None] | None = None
    follow: Callable[[RecordsMoved], None] | None = None
    order: int = 100


merge_parties: Registry[MergeParty] = Registry("parties to a merge")
