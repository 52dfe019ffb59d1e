"""Rule 29: resigned/transfer_customer wants a member who left within a year (40097); groups: 300 a day, onjob twice per 90 days."""

from wecom.simulator.clock import DAY
from wecom.simulator.errors import refuse_if

PER_CALL, PER_DAY, TIMES = 100, 300, 2
KEPT = 365 * DAY


def check_left(left_at: int | None, now: int) -> None:
    refuse_if(left_at is None or now - left_at > KEPT, 40097)


def group_code(*, found: bool, customer_group: bool, owner_left: bool, onjob: bool, today: int, recent: int) -> int:
    """0, or the code of why that group cannot be given on."""
    if not found:
        return 49008
    if not customer_group:
        return 90501
    if owner_left == onjob:
        return 90502 if onjob else 90500
    if today >= PER_DAY:
        return 45009
    return 40128 if onjob and recent >= TIMES else 0
