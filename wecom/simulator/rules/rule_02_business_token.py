"""Rule 2: a business call without a token 41001, with an unknown one 40014, with an expired one 42001 or 40014 (switch)."""

from wecom.simulator.errors import refuse_if


def check_present(token: str) -> None:
    refuse_if(not token, 41001)


def check_known(*, known: bool) -> None:
    refuse_if(not known, 40014)


def check_fresh(*, expires: int, now: int, code: int) -> None:
    refuse_if(now >= expires, code)
