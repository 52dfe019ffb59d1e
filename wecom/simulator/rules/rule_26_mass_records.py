"""Rule 26: records of mass messages: a month at most, 50 a page and at most 100; three reminders in 24 h (41094)."""

from wecom.simulator.clock import DAY
from wecom.simulator.errors import refuse_if

SPAN = 31 * DAY
PAGE, LONGEST_PAGE = 50, 100
TASK_PAGE, LONGEST_TASK_PAGE = 500, 1000
REMINDERS = 3
BY_CORP, BY_MEMBER, BY_BOTH = 0, 1, 2


def check_reminder(given: list[int], now: int) -> None:
    recent = [at for at in given if now - at < DAY]
    refuse_if(len(recent) >= REMINDERS, 41094)


def check_not_cancelled(cancelled: int | None) -> None:
    refuse_if(cancelled is not None, 41093)
