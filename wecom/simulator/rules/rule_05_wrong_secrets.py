"""Rule 5: who asks with wrong secrets again and again is shut out for an hour, by IP, with 45009."""

from collections import defaultdict, deque

from wecom.simulator.clock import HOUR
from wecom.simulator.errors import refuse_if


class WrongSecrets:
    def __init__(self) -> None:
        self._at: dict[str, deque[int]] = defaultdict(deque)
        self._blocked: dict[str, int] = {}

    def check(self, ip: str, now: int) -> None:
        refuse_if(self._blocked.get(ip, 0) > now, 45009)

    def wrong(self, ip: str, now: int, *, limit: int) -> None:
        seen = self._at[ip]
        seen.append(now)
        while seen[0] <= now - HOUR:
            seen.popleft()
        if len(seen) >= limit:
            self._blocked[ip] = now + HOUR
            seen.clear()
