"""Promotion and demotion: rules propose with figures, a person decides with a note."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.enums.koc import KocLevel, KocState, ProposalKind, ProposalState
from community.errors.koc import ProposalDecided, ReasonMissing
from community.models import Koc, KocScore, KocScoreDay, LevelProposal, LevelRule
from community.rules.koc_levels import Found, Rung, Standing, proposal_for
from community.services.kocs import demote, set_level

DAY = timedelta(days=1)
LOT = 1_000
#: A KOC, what is proposed and to which level.
What = tuple[int, str, str]


@transaction.atomic
def propose(*, now: datetime) -> int:
    """Open a proposal for each active KOC whom a rule puts elsewhere; one that does not fit any more is outdated.

    Figures of an open proposal follow the run. Answers how many are new.
    """
    rungs = rungs_in_order()
    found = {standing.koc_id: proposal_for(standing, rungs) for standing in _standings(rungs, now)}
    dismissed = _dismissed()
    held = {row.koc_id: row for row in LevelProposal.objects.select_for_update().filter(state=ProposalState.OPEN)}
    new: list[LevelProposal] = []
    kept: list[LevelProposal] = []
    for koc_id, wanted in found.items():
        row = held.get(koc_id)
        if row is not None and wanted is not None and (row.kind, row.to_level) == (wanted.kind, wanted.to_level):
            row.facts = dict(wanted.facts)
            kept.append(held.pop(koc_id))
        elif wanted is not None and not _is_dismissed_lately(dismissed.get(_what(koc_id, wanted)), wanted, now):
            new.append(_made(koc_id, wanted, now))
    _outdate(list(held.values()), now)
    LevelProposal.objects.bulk_update(kept, ["facts"], batch_size=LOT)
    LevelProposal.objects.bulk_create(new, batch_size=LOT)
    return len(new)


@transaction.atomic
def confirm(*, proposal: LevelProposal, by: User, now: datetime, note: str = "") -> Koc:
    """Do what is proposed. Raises ProposalDecided, AgreementMissing for the revenue share, KocStateWrong."""
    proposal = _open(proposal)
    reason = note.strip() or _("Proposed by rule: score %(score)s") % {"score": proposal.facts.get("score", "")}
    LevelProposal.objects.filter(pk=proposal.pk).update(
        state=ProposalState.CONFIRMED, decided_by=by, decided_at=now, note=reason[:300]
    )
    if proposal.kind == ProposalKind.DEMOTE:
        return demote(koc=proposal.koc, by=by, now=now, reason=reason)
    return set_level(koc=proposal.koc, level=proposal.to_level, by=by, now=now, reason=reason)


@transaction.atomic
def dismiss(*, proposal: LevelProposal, by: User, now: datetime, note: str) -> LevelProposal:
    """Leave her where she is; the same is not proposed again for as long as the level's rule looks back.

    Raises ProposalDecided, ReasonMissing.
    """
    if not note.strip():
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})
    proposal = _open(proposal)
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.DISMISSED, by, now
    proposal.note = note.strip()[:300]
    proposal.save(update_fields=["state", "decided_by", "decided_at", "note"])
    changes = {"proposal": [proposal.kind, ProposalState.DISMISSED]}
    record(by=by, action="community.dismiss_proposal", obj=proposal.koc, reason=note, changes=changes, at=now)
    return proposal


def rungs_in_order() -> list[Rung]:
    rules = {rule.level: rule for rule in LevelRule.objects.all()}
    return [
        Rung(
            level=level,
            enter_score=rules[level].enter_score,
            enter_days=rules[level].enter_days,
            keep_score=rules[level].keep_score,
            keep_days=rules[level].keep_days,
        )
        for level in KocLevel
        if level in rules
    ]


def _standings(rungs: Sequence[Rung], now: datetime) -> list[Standing]:
    """Active KOC with their score now and the best within the days of their level's rule; one query for each level."""
    kocs = Koc.objects.filter(state=KocState.ACTIVE, member__isnull=False).values_list(
        "pk", "member_id", "level", "level_since", "since"
    )
    rows = list(kocs)
    scores: Mapping[int, Any] = dict(
        KocScore.objects.filter(pk__in=[member for _pk, member, *_rest in rows]).values_list("pk", "total")
    )
    best: dict[int, Any] = {}
    for rung in rungs:
        members = [member for _pk, member, level, *_rest in rows if level == rung.level]
        days = KocScoreDay.objects.filter(member__in=members, day__gt=(now - rung.keep_days * DAY).date())
        best |= dict(days.values_list("member").annotate(best=Max("total")).order_by())
    return [
        Standing(
            koc_id=pk,
            level=level,
            score=scores.get(member, 0),
            best=max(best.get(member, 0), scores.get(member, 0)),
            days=(now - (level_since or since or now)).days,
        )
        for pk, member, level, level_since, since in rows
    ]


def _dismissed() -> Mapping[What, datetime | None]:
    """When each was last dismissed, by one query."""
    rows = LevelProposal.objects.filter(state=ProposalState.DISMISSED).values_list("koc", "kind", "to_level").order_by()
    return {(koc, kind, level): last for koc, kind, level, last in rows.annotate(last=Max("decided_at"))}


def _what(koc_id: int, wanted: Found) -> What:
    return koc_id, wanted.kind.value, wanted.to_level


def _is_dismissed_lately(last: datetime | None, wanted: Found, now: datetime) -> bool:
    return last is not None and last > now - timedelta(days=int(wanted.facts["days_needed"]) or 1)


def _made(koc_id: int, wanted: Found, now: datetime) -> LevelProposal:
    return LevelProposal(
        koc_id=koc_id,
        kind=wanted.kind,
        from_level=wanted.from_level,
        to_level=wanted.to_level,
        facts=wanted.facts,
        made_at=now,
    )


def _outdate(rows: Sequence[LevelProposal], now: datetime) -> None:
    LevelProposal.objects.filter(pk__in=[row.pk for row in rows], state=ProposalState.OPEN).update(
        state=ProposalState.OUTDATED, decided_at=now
    )


def _open(proposal: LevelProposal) -> LevelProposal:
    found = LevelProposal.objects.select_for_update(of=("self",)).select_related("koc").get(pk=proposal.pk)
    if found.state != ProposalState.OPEN:
        raise ProposalDecided
    return found
