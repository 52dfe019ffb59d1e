"""What a change of definitions would do, before it is saved."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import OperationalError
from django.utils import timezone
from psycopg.errors import QueryCanceled

from accounts.models import User
from core.services.claims import claim_until_commit
from segments.errors import PreviewRunning, PreviewTooSlow
from segments.models import TierRun
from segments.rules import cutoffs as limits
from segments.rules.assign_sql import assigned_sql
from segments.rules.definitions import Definitions, from_json
from segments.rules.slots import SPEND_30, Slot, Slots, slots_of
from segments.rules.statement import Values
from segments.selectors.definitions import latest_run
from segments.services.measuring import (
    COLUMNS,
    FRESH,
    STANDING,
    Question,
    count,
    execute,
    fetch,
    find_cutoffs,
    measure_all,
    one_view,
)

WORK = "segments.preview"
#: How long one step of it may take; a page waits for its answer.
PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Move:
    """Members that would come from one tier to another (or stay), and their net revenue of 30 days."""

    from_tier: str
    to_tier: str
    members: int
    revenue_30d: Decimal


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The whole matrix, diagonal included. `reread`: facts were read, because the change asks for other windows."""

    as_of: datetime
    moves: tuple[Move, ...]
    reread: bool
    seconds: float

    @property
    def members(self) -> int:
        return sum(move.members for move in self.moves)

    @property
    def moved(self) -> int:
        return sum(move.members for move in self.moves if move.from_tier != move.to_tier)

    def by_tier(self, *, after: bool) -> dict[str, int]:
        counts: dict[str, int] = {}
        for move in self.moves:
            code = move.to_tier if after else move.from_tier
            counts[code] = counts.get(code, 0) + move.members
        return counts


def preview_definitions(*, definitions: Definitions, by: User | None = None, now: datetime | None = None) -> Preview:
    """Who would move from where to where if `definitions` had been in force at the last run; nothing is kept.

    Must not be called inside a transaction. `definitions` come from `services.definitions.proposed`. Raises
    PreviewRunning while another one of `by` is being reckoned, PreviewTooSlow where a step takes longer than PATIENCE.
    """
    began = time.perf_counter()
    with _patient(), one_view(lock=False):
        if by is not None and not claim_until_commit(WORK, by.pk):
            raise PreviewRunning
        execute(f"SET LOCAL statement_timeout = '{PATIENCE / timedelta(milliseconds=1):.0f}ms'")
        run = latest_run()
        as_of = (run.as_of if run else now or timezone.now()).astimezone(UTC)
        wanted, kept = slots_of(definitions), kept_slots(run)
        reread = not set(wanted) <= set(kept)
        question = Question(definitions=definitions, slots=wanted if reread else kept, as_of=as_of)
        if reread:
            measure_all(question)
            count(FRESH)
        moves = _moves(question, run, FRESH if reread else STANDING)
        execute("SET LOCAL statement_timeout = DEFAULT")
    return Preview(as_of=as_of, moves=moves, reread=reread, seconds=round(time.perf_counter() - began, 3))


@contextmanager
def _patient() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise PreviewTooSlow from error
        raise


def kept_slots(run: TierRun | None) -> Slots:
    """The sums that the standings hold."""
    return Slots(Slot(*slot) for slot in run.definitions["slots"]) if run else Slots()


def _moves(question: Question, run: TierRun | None, relation: str) -> tuple[Move, ...]:
    same_scores = (
        run is not None and relation == STANDING and from_json(run.definitions).rfm == question.definitions.rfm
    )
    cutoffs = limits.from_json(run.cutoffs) if run and same_scores else find_cutoffs(question, relation)
    values = Values()
    assigned = assigned_sql(
        f"(SELECT {COLUMNS} FROM {relation})",
        definitions=question.definitions,
        slots=question.slots,
        cutoffs=cutoffs,
        as_of=question.as_of,
        bind=values.bind,
    )
    rows = fetch(
        f"""
        SELECT coalesce(s.tier, ''), n.tier, count(*), sum(n.sums[{question.slots.index(SPEND_30) + 1}])
        FROM ({assigned}) n LEFT JOIN {STANDING} s ON s.member_id = n.member_id GROUP BY 1, 2 ORDER BY 1, 2
        """,
        values,
    )
    return tuple(
        Move(from_tier=old, to_tier=new, members=members, revenue_30d=Decimal(fen) / 100)
        for old, new, members, fen in rows
    )
