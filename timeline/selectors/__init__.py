"""Named reads of the timeline. The first question to a fact table is always the member: its key begins there."""

from timeline.selectors.member import Spending, SpendMonth, Totals, spending
from timeline.selectors.stream import Entry, EntryKind, Mark, Timeline, member_timeline

__all__ = [
    "Entry",
    "EntryKind",
    "Mark",
    "SpendMonth",
    "Spending",
    "Timeline",
    "Totals",
    "member_timeline",
    "spending",
]
