"""What an answer over HTTP says of a message, and what it means when there is none."""

from collections.abc import Callable

from core.errors import OutsideFailed
from core.http import Answer, OutgoingRefused, OutgoingUnreached
from messaging.channels.contract import Result
from messaging.enums import Outcome

#: "Too many requests" and "not available": by their meaning (RFC 6585, RFC 9110) the message was not taken.
NOT_NOW = frozenset({429, 503})
SUCCESS = range(200, 300)
OF_THE_CALLER = range(400, 500)


def asked(call: Callable[[], Answer], read: Callable[[Answer], Result]) -> Result:
    """The result of a call. One that never reached the other side may be tried again whatever the gateway promises."""
    try:
        answer = call()
    except OutgoingRefused as error:
        return Result(outcome=Outcome.REFUSED, error=error.code)
    except OutgoingUnreached as error:
        return Result(outcome=Outcome.LATER, error=error.code)
    except OutsideFailed as error:
        return Result(outcome=Outcome.UNKNOWN, error=error.code)
    return read(answer) if answer.status in SUCCESS else of_status(answer.status)


def of_status(status: int) -> Result:
    """An error of the other side may have come after it took the message: nobody knows."""
    error = f"http_{status}"
    if status in NOT_NOW:
        return Result(outcome=Outcome.LATER, error=error)
    if status in OF_THE_CALLER:
        return Result(outcome=Outcome.REFUSED, error=error)
    return Result(outcome=Outcome.UNKNOWN, error=error)
