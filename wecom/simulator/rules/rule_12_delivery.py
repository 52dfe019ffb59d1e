"""Rule 12: a callback URL is verified by an echo within 1 s; a POST has 5 s, and up to three retries after a failure."""

VERIFY_SECONDS = 1.0
OK = 200


def echo_is_right(status: int, answer: bytes, echo: str) -> bool:
    """Exactly the plain text: no quotes, no byte order mark, no newline."""
    return status == OK and answer == echo.encode()


def verdict(status: int | None, *, attempts: int, retries: int, retry_non_200: bool) -> str:
    """`delivered`, `waiting` for a retry, or `failed`; no status means that no answer came."""
    if status == OK or (status is not None and not retry_non_200):
        return "delivered" if status == OK else "failed"
    return "waiting" if attempts <= retries else "failed"
