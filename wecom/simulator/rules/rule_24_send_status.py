"""Rule 24: what becomes of a row when the member confirms: 1 sent, 2 not a friend any more, 3 capped; 0 is pending."""

PENDING, SENT, NOT_A_FRIEND, CAPPED = 0, 1, 2, 3


def outcome(*, friend: bool, capped: bool) -> int:
    if not friend:
        return NOT_A_FRIEND
    return CAPPED if capped else SENT


def refused_at_creation(*, friend: bool, capped: bool, capped_in_fail_list: bool) -> bool:
    """Whether the id goes into `fail_list`; that capped ones do is undocumented, so a switch."""
    return not friend or (capped and capped_in_fail_list)
