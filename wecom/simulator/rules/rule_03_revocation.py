"""Rule 3: the platform may invalidate a token early; the next call with it is answered 40014."""

from wecom.simulator.errors import refuse_if


def check_not_revoked(*, revoked: int) -> None:
    refuse_if(revoked, 40014)
