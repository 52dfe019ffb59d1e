"""Which coupons this process has just seen sold out, so that a rush for the last pieces does not reach the database.

Pieces never come back by themselves: a coupon that was sold out stays so until somebody gives it more, and that takes
effect at once in the process where it is done, and within a second in the others.
"""

import time

SECONDS = 1.0
MOST = 10_000
_until: dict[int, float] = {}


def remember(coupon_id: int) -> None:
    if len(_until) >= MOST:
        _until.clear()
    _until[coupon_id] = time.monotonic() + SECONDS


def is_remembered(coupon_id: int) -> bool:
    return _until.get(coupon_id, 0.0) > time.monotonic()


def forget(coupon_id: int) -> None:
    _until.pop(coupon_id, None)
