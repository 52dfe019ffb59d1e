"""How many of the last days nobody told of: windows over what was said in a group end so many days earlier."""

from collections.abc import Mapping, Sequence
from datetime import date

from community.models import Group
from community.selectors.activity import pulse_of


def unknown_days(groups: Sequence[Group], *, today: date) -> Mapping[int, int]:
    """By number, with the types at hand; 0 where everything up to today is known. Nobody was silent on a day that nobody has told of."""
    found = pulse_of(groups, today=today, window=1)
    return {number: (today - pulse.known_to).days for number, pulse in found.items()}
