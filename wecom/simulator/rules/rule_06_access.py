"""Rule 6: what an app may call and whom it may see: 48002, 60111, 60011, 60020, 50003; lists leave out in silence."""

from collections.abc import Container

from wecom.simulator.clock import MINUTE
from wecom.simulator.errors import refuse_if


def check_enabled(*, disabled: int) -> None:
    refuse_if(disabled, 50003)


def check_scope(needed: str, granted: Container[str]) -> None:
    """`needed` is one of customers, kf, directory_sync, archive, or empty."""
    refuse_if(needed and needed not in granted, 48002)


def check_ip(ip: str, trusted: list[str], before: list[str], *, since: int, now: int) -> None:
    """A change of the trusted addresses takes a minute; an empty list trusts everybody (no list was made)."""
    current = trusted if now >= since + MINUTE else before
    refuse_if(current and ip not in current, 60020)


def check_member(*, known: bool, visible: bool) -> None:
    refuse_if(not known, 60111)
    refuse_if(not visible, 60011)
