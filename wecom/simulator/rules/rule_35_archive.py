"""Rule 35: the message archive: after a seq, at most 1,000 a pull, five days kept; the key of each message by RSA."""

from wecom.simulator.clock import DAY

MOST, KEPT, CHUNK = 1000, 5 * DAY, 512 * 1024
TOO_MANY, NO_MEDIA, FORBIDDEN_IP, RETRY = 10000, 10010, 10009, 10001


class ArchiveRefused(Exception):
    """The closed library's own return code, not an errcode of the server API."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"the archive answers {code}")


def check_pull(limit: int) -> None:
    if limit > MOST:
        raise ArchiveRefused(TOO_MANY)


def first_seq(seq: int, oldest: int) -> int:
    """A seq older than what is kept starts again at the oldest kept."""
    return max(seq, oldest - 1)


def outside_suffix(*, external: bool) -> str:
    return "_external" if external else ""


def cut_chunk(body: bytes, start: int) -> tuple[bytes, bool]:
    """The next piece, and whether it is the last."""
    piece = body[start : start + CHUNK]
    return piece, start + len(piece) >= len(body)
