"""How often operations are called: what the platform has stopped, and what we hold back before it does."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from core.services.rate_limits import Rate, take
from wecom.errors import ApiBlocked
from wecom.models import ApiBlock
from wecom.rules.blocks import HOUR_RATE, MINUTE_RATE, blocked_until, level_after

WAIT_FOR = 5  # seconds that a call waits for its turn; who would wait longer is told so
RATES = {"minute": Rate(*MINUTE_RATE), "hour": Rate(*HOUR_RATE)}


class CorpBrakes:
    """The brakes of one corp, shared by all its apps and by every process."""

    def __init__(self, corp_id: int, *, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._corp_id, self._clock, self._sleep = corp_id, clock, sleep
        self._tried: set[str] = set()

    def check(self, api: str) -> None:
        """Wait for a turn if it comes soon. Raises ApiBlocked."""
        block = ApiBlock.objects.filter(corp=self._corp_id, api=api).first()
        now = self._clock()
        if block is not None and block.until > now:
            raise ApiBlocked(api=api, errcode=block.errcode, retry_after=(block.until - now).total_seconds())
        if block is not None:
            self._tried.add(api)
        for window, rate in RATES.items():
            self._in_turn(api, window, rate)

    def stop(self, api: str, *, errcode: int, asked_at: datetime) -> ApiBlocked:
        until = block_api(corp_id=self._corp_id, api=api, errcode=errcode, asked_at=asked_at, now=self._clock())
        return ApiBlocked(api=api, errcode=errcode, retry_after=(until - self._clock()).total_seconds())

    def passed(self, api: str, *, asked_at: datetime) -> None:
        """A call after a block went through: the platform has let go."""
        if api in self._tried:
            self._tried.discard(api)
            ApiBlock.objects.filter(corp=self._corp_id, api=api, until__lte=asked_at).delete()

    def _in_turn(self, api: str, window: str, rate: Rate) -> None:
        key = f"wecom:{window}:{self._corp_id}:{api}"
        wait = take(key, rate)
        if 0 < wait <= WAIT_FOR:
            self._sleep(wait)
            wait = take(key, rate)
        if wait:
            raise ApiBlocked(api=api, errcode=0, retry_after=wait)


@transaction.atomic
def block_api(*, corp_id: int, api: str, errcode: int, asked_at: datetime, now: datetime) -> datetime:
    """Stop an operation, and answer until when.

    Only a call that was made after the last block had run out says that a longer window was hit: those that were under
    way when it began say nothing new.
    """
    first = ApiBlock(corp_id=corp_id, api=api, errcode=errcode, level=level_after(api, None), since=now)
    first.until = blocked_until(first.level, now)
    block, made = ApiBlock.objects.select_for_update().get_or_create(
        corp_id=corp_id,
        api=api,
        defaults={"errcode": errcode, "level": first.level, "since": now, "until": first.until},
    )
    if made or asked_at < block.until:
        return block.until
    block.level, block.errcode, block.since = level_after(api, block.level), errcode, now
    block.until = blocked_until(block.level, now)
    block.save(update_fields=["level", "errcode", "since", "until"])
    return block.until


def forget_old_blocks(*, now: datetime) -> int:
    """Blocks that ran out a day ago say nothing about the next one."""
    return ApiBlock.objects.filter(until__lt=now - timedelta(days=1)).delete()[0]
