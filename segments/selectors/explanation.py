"""Why a member is in her tier, what would change it, and how she came there."""

from dataclasses import dataclass
from datetime import datetime

from segments.models import MemberStanding, TierChange, TierRun
from segments.rules.definitions import from_json
from segments.rules.judge import Evidence, Verdict, verdict
from segments.rules.slots import Slot
from segments.selectors.definitions import latest_run


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The member's tier with the criterion values of the last run.

    `verdicts` in order of match: those above her tier say what is missing, her own why she is there; the first one
    that holds is her tier. `outdated`: her tier was decided by definitions that have been changed since.
    """

    standing: MemberStanding
    run: TierRun
    as_of: datetime
    verdicts: tuple[Verdict, ...]

    @property
    def reason(self) -> Verdict | None:
        """Why she is where she is; None for the regular tier, which takes whom no other takes."""
        return next((each for each in self.verdicts if each.code == self.standing.tier), None)

    @property
    def nearer(self) -> tuple[Verdict, ...]:
        """Tiers that would come before hers, if what is missing were there."""
        place = next((i for i, each in enumerate(self.verdicts) if each.code == self.standing.tier), len(self.verdicts))
        return self.verdicts[:place]


def explain(member_id: int) -> Explanation | None:
    """Two queries; None for a member that is in no run yet, and where the run kept no definitions."""
    standing = MemberStanding.objects.filter(pk=member_id).first()
    run = latest_run() if standing else None
    if standing is None or run is None or not run.definitions:
        return None
    definitions = from_json(run.definitions)
    evidence = _evidence(run.as_of, standing, run)
    return Explanation(
        standing=standing,
        run=run,
        as_of=run.as_of,
        verdicts=tuple(verdict(tier, evidence) for tier in definitions.tiers),
    )


@dataclass(frozen=True, kw_only=True)
class Change:
    """One step of a member's history with the evidence of that moment; `reason` None for the regular tier."""

    at: datetime
    from_tier: str
    to_tier: str
    reason: Verdict | None


def tier_history(member_id: int, *, limit: int = 50) -> list[Change]:
    """The latest changes first; two queries."""
    changes = TierChange.objects.filter(member=member_id).select_related("run").order_by("-at", "-id")[:limit]
    return [_change(change) for change in changes]


def _change(change: TierChange) -> Change:
    tiers = from_json(change.run.definitions).tiers if change.run.definitions else ()
    rule = next((tier for tier in tiers if tier.code == change.to_tier), None)
    reason = verdict(rule, _evidence(change.at, change, change.run)) if rule else None
    return Change(at=change.at, from_tier=change.from_tier, to_tier=change.to_tier, reason=reason)


def _evidence(as_of: datetime, row: MemberStanding | TierChange, run: TierRun) -> Evidence:
    slots = [Slot(*slot) for slot in run.definitions["slots"]]
    return Evidence(
        as_of=as_of,
        sums=dict(zip(slots, row.sums, strict=True)),
        known_at=row.known_at,
        scores={"r": row.r, "f": row.f, "m": row.m},
    )
