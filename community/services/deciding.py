"""What a person decides of a violation, and corrects of what the machine decided."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Target, record, record_many
from community.enums.groups import LeftHow
from community.enums.moderation import Outcome, ViolationState
from community.errors.moderation import (
    DecisionAppealed,
    DecisionNotValid,
    NotTheMachines,
    OwnViolation,
    ViolationDecided,
)
from community.models import Appeal, Violation
from community.selectors.moderation import moderation_settings
from community.services.participants import leave

LONGEST_NOTE = 300


@transaction.atomic
def decide(*, violation: Violation, outcome: str, by: User, now: datetime, note: str = "") -> Violation:
    """Dismiss it, warn, mute or remove. Raises ViolationDecided, OwnViolation or DecisionNotValid.

    The act in the chat itself is the group keeper's; what is kept here is what was decided.
    """
    locked = _locked(violation, by)
    if locked.state != ViolationState.OPEN:
        raise ViolationDecided
    note = checked_note(outcome, note)
    _first(locked, outcome, by=by, now=now)
    _write(locked, "community.decide_violation", outcome, note, by=by, now=now)
    return locked


@transaction.atomic
def decide_the_rest(*, violation: Violation, by: User, now: datetime) -> int:
    """Everything else of hers that waits in this group gets the same decision and note. Answers how many."""
    decided = _locked(violation, by)
    if decided.state != ViolationState.DECIDED:
        raise DecisionNotValid(_("Decide this one first."))
    rest = Violation.objects.select_for_update().filter(
        participant=decided.participant_id, group=decided.group_id, state=ViolationState.OPEN
    )
    numbers = list(rest.values_list("pk", flat=True))
    given = {"outcome": decided.outcome, "muted_until": decided.muted_until, "note": decided.note}
    first = {"first_outcome": decided.outcome, "first_by": by, "first_at": now}
    Violation.objects.filter(pk__in=numbers).update(
        state=ViolationState.DECIDED, decided_by=by, decided_at=now, **given, **first
    )
    targets = [
        Target(
            object_type=Violation._meta.label_lower,
            object_id=number,
            label=f"#{number}",
            changes={"outcome": ["", decided.outcome]},
        )
        for number in numbers
    ]
    record_many(by=by, action="community.decide_violation", targets=targets, reason=decided.note, at=now)
    return len(numbers)


@transaction.atomic
def correct(*, violation: Violation, outcome: str, by: User, now: datetime, note: str) -> Violation:
    """Set right what the machine decided; the first decision stays on record. Raises NotTheMachines, DecisionAppealed."""
    locked = _locked(violation, by)
    if locked.state != ViolationState.DECIDED or locked.decided_by_id is not None:
        raise NotTheMachines
    if Appeal.objects.filter(violation=locked).exists():
        raise DecisionAppealed
    if outcome == locked.outcome:
        raise DecisionNotValid(fields={"outcome": [_("This is what was decided already.")]})
    note = checked_note(outcome, note)
    if not note:
        raise DecisionNotValid(fields={"note": [_("Say why.")]})
    _write(locked, "community.correct_violation", outcome, note, by=by, now=now)
    return locked


def change_decision(*, violation: Violation, outcome: str, note: str, by: User, now: datetime) -> None:
    """After an appeal; the caller has locked the row and checked who decides."""
    _write(violation, "community.change_decision", outcome, note, by=by, now=now)


def checked_note(outcome: str, note: str) -> str:
    """The note as it is stored. Raises DecisionNotValid, for the outcome too."""
    if outcome not in Outcome.values:
        raise DecisionNotValid(fields={"outcome": [_("Choose one of the decisions.")]})
    note = note.replace("\x00", "").strip()
    if len(note) > LONGEST_NOTE:
        raise DecisionNotValid(fields={"note": [_("At most %(most)d characters.") % {"most": LONGEST_NOTE}]})
    return note


def _locked(violation: Violation, by: User) -> Violation:
    found = Violation.objects.select_for_update(of=("self",)).select_related("participant")
    locked = found.get(pk=violation.pk)
    if locked.participant.staff_id == by.pk:
        raise OwnViolation
    return locked


def _take_out(violation: Violation, *, by: User, now: datetime) -> None:
    """Her stay in the group ends, if it has not."""
    if violation.participant.stays.filter(left_at=None).exists():
        why = violation.note or str(violation.get_kind_display())
        leave(participant=violation.participant, at=now, how=LeftHow.REMOVED, by=by, now=now, reason=why)


def _first(violation: Violation, outcome: str, *, by: User, now: datetime) -> None:
    violation.state = ViolationState.DECIDED
    violation.first_outcome, violation.first_by, violation.first_at = outcome, by, now


def _write(violation: Violation, action: str, outcome: str, note: str, *, by: User, now: datetime) -> None:
    was, violation.outcome = violation.outcome, outcome
    violation.decided_by, violation.decided_at, violation.note = by, now, note
    hours = timedelta(hours=moderation_settings().mute_hours)
    violation.muted_until = now + hours if outcome == Outcome.MUTED else None
    violation.save()
    record(by=by, action=action, obj=violation, changes={"outcome": [was, outcome]}, reason=note, at=now)
    if outcome == Outcome.REMOVED:
        _take_out(violation, by=by, now=now)
