"""Rule 28: transfer_customer: 100 a call, each with its own code; it takes effect after 24 h; twice per 90 natural days."""

from wecom.simulator.clock import DAY, day_start
from wecom.simulator.errors import refuse_if

PER_CALL, TIMES, DAYS, EFFECT = 100, 2, 90, DAY
MESSAGE = 200
DONE, WAITS, REFUSED, LIMIT, NO_RECORD = 1, 2, 3, 4, 5
YEAR = 365 * DAY


def check_takeover(*, active: int, verified: int, contacts: int, left: bool, idle: int) -> None:
    """The member who takes over: active, verified, in customer contact, logged in within a year."""
    refuse_if(left or not active or not verified, 40098)
    refuse_if(not contacts, 84074)
    refuse_if(idle > YEAR, 40205)


def check_pair(handover: str, takeover: str) -> None:
    refuse_if(handover == takeover, 40130)


def window(now: int) -> int:
    """The first second of the 90 natural days."""
    return day_start(now) - (DAYS - 1) * DAY


def check_customer(*, follows: bool, moving: bool, transfers: int) -> None:
    """`transfers` in the window of 90 days."""
    refuse_if(not follows, 40131)
    refuse_if(moving, 40129)
    refuse_if(transfers >= TIMES, 40128)
