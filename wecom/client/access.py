"""Getting a token: the one call that goes without one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wecom.client.answers import Failure
from wecom.client.connection import Line, Said, error_of
from wecom.client.dispatch import prepare
from wecom.client.endpoints import ENDPOINTS
from wecom.client.faults import Kind
from wecom.errors import Retryable, WecomFailed

API = "gettoken"
EARLY = timedelta(minutes=5)  # clocks differ, and a call takes its time
MAX_BYTES = 512


@dataclass(frozen=True)
class Given:
    """A new token and the moment from which on it is not used any more. Its text is never shown."""

    text: str
    until: datetime

    def __repr__(self) -> str:
        return f"Given(until={self.until.isoformat()})"


@dataclass(frozen=True)
class NotGiven:
    """`blocked`: the platform no longer answers this address, for about an hour."""

    error: WecomFailed
    blocked: bool = False


def fetch_token(line: Line, *, corpid: str, secret: str) -> Given | NotGiven:
    """Ask once, and again only while the platform is busy: a wrong secret is refused, and asked no second time."""
    call = prepare(ENDPOINTS[API], {"corpid": corpid, "corpsecret": secret})
    asked_at = line.clock()

    def attempt() -> Said:
        nonlocal asked_at
        asked_at = line.clock()
        return line.send(call, None)

    said = line.insist(call, attempt)
    if isinstance(said, dict):
        return _given(said, asked_at)
    if isinstance(said, bytes):
        return NotGiven(Retryable(api=API))
    blocked = isinstance(said, Failure) and said.fault.kind == Kind.BLOCK
    return NotGiven(error_of(call, said), blocked=blocked)


def _given(said: dict[str, object], asked_at: datetime) -> Given | NotGiven:
    text, seconds = said.get("access_token"), said.get("expires_in")
    if not (isinstance(text, str) and 0 < len(text) <= MAX_BYTES and isinstance(seconds, int) and seconds > 0):
        return NotGiven(Retryable(api=API))
    lives = timedelta(seconds=seconds)
    return Given(text, asked_at + max(lives - EARLY, lives / 2))
