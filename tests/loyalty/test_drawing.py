"""Entries that pass one after another win as the written procedure says, whatever is kept of them meanwhile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.rules import drawing
from loyalty.rules.drawing import Entry, Won, mark_of, winners_of


def naive(entries: list[Entry], prizes: list[tuple[int, int]]) -> list[Won]:
    """As the procedure is written down: every entry by rising mark, each participant once."""
    pieces = [prize for prize, quantity in prizes for _piece in range(quantity)]
    found: list[Won] = []
    lucky: set[int] = set()
    for entry in sorted(entries, key=lambda each: mark_of("ab" * 32, 7, each.number)):
        if len(found) < len(pieces) and entry.participant not in lucky:
            lucky.add(entry.participant)
            found.append(Won(len(found) + 1, entry.number, pieces[len(found)]))
    return found


@given(st.lists(st.integers(1, 30), max_size=120), st.integers(1, 9), st.integers(0, 9), st.integers(0, 5))
def test_winners_of_entries_that_pass_are_those_of_the_procedure(
    participants: list[int], first: int, second: int, spare: int
) -> None:
    entries = [Entry(number, participant) for number, participant in enumerate(participants, 1)]
    prizes = [(5, first), (6, second)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "SPARE", spare)
        assert winners_of(seed="ab" * 32, draw=7, entries=iter(entries), prizes=prizes) == naive(entries, prizes)
