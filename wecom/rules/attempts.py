"""When a callback that could not be worked on is tried again, and when it is given up."""

from datetime import timedelta

FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=1)
MAX_ATTEMPTS = 12  # some two and a half hours


def delay_after(attempts: int, asked_for: float | None = None) -> timedelta:
    """The pause after so many attempts, doubled each time; longer where the other side says when it will be ready."""
    times: int = 2 ** min(max(attempts - 1, 0), 20)
    doubled = min(FIRST * times, LONGEST)
    return max(doubled, timedelta(seconds=asked_for or 0))
