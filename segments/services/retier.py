"""The run: every member's sums, scores and tier as of one moment, with the history of who moved."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from segments.enums import RunKind
from segments.errors import AsOfTooEarly
from segments.models import TierRun
from segments.rules import cutoffs as limits
from segments.rules.definitions import from_json
from segments.rules.metrics_sql import Mark
from segments.rules.slots import slots_of
from segments.selectors.definitions import current_definitions, latest_run
from segments.services.comparing import Earlier, find_changes
from segments.services.measuring import Question, fetch, one_view
from segments.services.writing import slots_json, write_run


@dataclass(frozen=True, kw_only=True)
class RetierResult:
    """What a run did. `moved`: members that came into another tier, those that came into their first one included."""

    run_id: int
    as_of: datetime
    kind: str
    members: int
    by_tier: dict[str, int]
    moved: int
    seconds: float


def retier(
    *, as_of: datetime | None = None, full: bool = False, by: User | None = None, now: datetime | None = None
) -> RetierResult:
    """Compute everybody's scores and tier as of a moment (default: now) and write what changed, all or nothing.

    Adds to and takes from the run before where it can, which gives the same answer as reading every fact again;
    `full` reads them again in any case. Must not be called inside a transaction. Raises AsOfTooEarly, RetierRunning.
    A run started by staff is in the audit record; the hourly ones are in the list of runs.
    """
    began, started_at = time.perf_counter(), now or timezone.now()
    moment = (as_of or started_at).astimezone(UTC)
    with one_view(lock=True) as alone:
        before = latest_run()
        _refuse_earlier(moment, before)
        definitions = current_definitions()
        question = Question(definitions=definitions, slots=slots_of(definitions), as_of=moment)
        adds_up = alone and not full and _continues(before, question)
        kind = RunKind.INCREMENTAL if adds_up else RunKind.FULL
        run = TierRun(as_of=moment, kind=kind, started_at=started_at, by_label=by.get_username() if by else "")
        run.horizon, run.ceiling, run.pending = _view()
        cutoffs = find_changes(question, _earlier(before, question) if before and adds_up else None)
        write_run(run, question, cutoffs, before if adds_up else None)
        run.seconds = round(time.perf_counter() - began, 3)
        run.save(update_fields=["seconds"])
        if by is not None:
            record(by=by, action="segments.retier", obj=run, at=started_at)
    return RetierResult(
        run_id=run.pk,
        as_of=run.as_of,
        kind=run.kind,
        members=run.members,
        by_tier=run.by_tier,
        moved=run.moved,
        seconds=run.seconds,
    )


def _earlier(run: TierRun, question: Question) -> Earlier:
    mark = Mark(as_of=run.as_of.astimezone(UTC), horizon=run.horizon, ceiling=run.ceiling, pending=tuple(run.pending))
    same = from_json(run.definitions) == question.definitions
    return Earlier(mark=mark, cutoffs=limits.from_json(run.cutoffs) if same else None)


def _refuse_earlier(as_of: datetime, before: TierRun | None) -> None:
    if before is None or as_of >= before.as_of:
        return
    latest = date_format(timezone.localtime(before.as_of), "Y-m-d H:i:s")
    raise AsOfTooEarly(
        _("The tiers were already computed as of %(latest)s; an earlier moment is refused.") % {"latest": latest}
    )


def _continues(before: TierRun | None, question: Question) -> bool:
    """Whether the standings hold the sums that are needed now."""
    return before is not None and before.definitions.get("slots") == slots_json(question.slots)


def _view() -> tuple[int, int, list[int]]:
    """Which transactions this one can see, in the numbers that facts carry."""
    ((horizon, ceiling, pending),) = fetch(
        """
        SELECT pg_snapshot_xmin(s)::text::bigint + o, pg_snapshot_xmax(s)::text::bigint + o,
            ARRAY(SELECT x::text::bigint + o FROM pg_snapshot_xip(s) x ORDER BY 1)
        FROM (SELECT pg_current_snapshot() AS s, timeline_xid_offset() AS o) v
        """
    )
    return horizon, ceiling, pending
