"""Rule 17: a customer is read through members who have her: deleted by all of them, or half-added only, is 84061."""

from wecom.simulator.errors import refuse_if


def readable(*, staff_has: int, half: int) -> bool:
    """Whether that relation lets the customer be read; it stays so when only the customer deleted the member."""
    return bool(staff_has) and not half


def check_any(relations: int) -> None:
    refuse_if(not relations, 84061)
