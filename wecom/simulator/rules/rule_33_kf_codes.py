"""Rule 33: codes of kf events: welcome and end 20 s, queue and pick-up 48 h, one message each; 5,000 accounts."""

from wecom.simulator.clock import HOUR
from wecom.simulator.errors import refuse_if

ACCOUNTS, PEOPLE, PARTIES, NAME = 5000, 2000, 20, 16
LIVES = {"welcome": 20, "end": 20, "queue": 48 * HOUR, "pickup": 48 * HOUR}
ACTIVE = 48 * HOUR  # whom customer/batchget knows; and how long no second welcome comes


def check_code(*, known: bool, used: int, kind: str, age: int) -> None:
    refuse_if(not known or used or age > LIVES.get(kind, 0), 41050)


def has_welcome_code(*, welcomed_ago: int | None, spoke_ago: int | None) -> bool:
    """No welcome in 48 h, and she has not written in that time."""
    return all(ago is None or ago > ACTIVE for ago in (welcomed_ago, spoke_ago))


def check_servicers(existing: int, added: int) -> None:
    refuse_if(existing + added > PEOPLE, 40058, "too many servicers")


def check_accounts(existing: int) -> None:
    refuse_if(existing >= ACCOUNTS, 95005)
