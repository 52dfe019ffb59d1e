"""The registers' verbs: an entry is written, put in force, ended; each step on the record. Nothing is deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from compliance.enums.registers import NEEDS_NOTE, EntryState, RecipientKind
from compliance.errors.registers import EntryNotValid, EntryStateWrong
from compliance.models import DutyDone, ProcessingActivity, Recipient, WatchedRule
from compliance.rules.assessed import ABROAD, ENTRUSTING, PROVIDING
from compliance.rules.thresholds import THRESHOLDS
from core.services.features import require_feature

M = TypeVar("M", bound=models.Model)
Entry = TypeVar("Entry", ProcessingActivity, Recipient)
ACTIVITY_FIELDS = (
    *("name_zh", "name_en", "purpose", "method", "categories"),
    *("retention", "recipients", "legal_basis", "basis_note"),
)
RECIPIENT_FIELDS = (
    *("name", "contact", "kind", "country", "purpose", "categories"),
    *("method", "measures", "contract", "starts_on", "ends_on"),
)
#: In force, these cannot change any more: who receives what for what is the contract.
AGREED = ("name", "kind", "country", "purpose", "categories", "method")
RULE_FIELDS = ("name_zh", "name_en", "source", "matters", "every_days", "owner", "is_watched")
WHY = "reason"


@transaction.atomic
def save_activity(
    *, activity: ProcessingActivity | None, values: Mapping[str, Any], by: User | None, now: datetime
) -> ProcessingActivity:
    """Add one (None), or change one that has not ended. Raises EntryNotValid, EntryStateWrong."""
    row = _open(activity) if activity else ProcessingActivity(created_at=now)
    before = _take(row, values, ACTIVITY_FIELDS)
    if row.legal_basis in NEEDS_NOTE and not row.basis_note.strip():
        raise EntryNotValid(fields={"basis_note": [_("Say which contract, law or paragraph it rests on.")]})
    return _saved(row, before, ACTIVITY_FIELDS, "activity", by=by, now=now)


@transaction.atomic
def save_recipient(
    *, recipient: Recipient | None, values: Mapping[str, Any], by: User | None, now: datetime
) -> Recipient:
    """Add one (None), or change one that has not ended; in force, AGREED stays. Raises EntryNotValid, EntryStateWrong."""
    row = _open(recipient) if recipient else Recipient(created_at=now)
    before = _take(row, values, RECIPIENT_FIELDS)
    if row.ends_on < row.starts_on:
        raise EntryNotValid(fields={"ends_on": [_("The contract ends before it begins.")]})
    changed = [name for name in AGREED if before[name] != getattr(row, name)]
    if row.state == EntryState.IN_FORCE and changed:
        words = _("In force, this stays. End this entry and begin another.")
        raise EntryNotValid(fields={name: [words] for name in changed})
    return _saved(row, before, RECIPIENT_FIELDS, "recipient", by=by, now=now)


@transaction.atomic
def put_activity_in_force(*, activity: ProcessingActivity, by: User | None, now: datetime) -> ProcessingActivity:
    """From draft on. Raises EntryStateWrong."""
    return _put_in_force(_open(activity), "activity", by=by, now=now)


@transaction.atomic
def put_recipient_in_force(*, recipient: Recipient, by: User | None, now: datetime) -> Recipient:
    """The recipient may get data from now on. Raises EntryStateWrong, and AssessmentMissing for its kind or abroad."""
    row = _open(recipient)
    kinds = {RecipientKind.ENTRUSTED: ENTRUSTING, RecipientKind.INDEPENDENT: PROVIDING}
    require_feature(kinds[RecipientKind(row.kind)].code, now=now)
    if row.is_abroad:
        require_feature(ABROAD.code, now=now)
    return _put_in_force(row, "recipient", by=by, now=now)


@transaction.atomic
def end_activity(*, activity: ProcessingActivity, reason: str, by: User, now: datetime) -> ProcessingActivity:
    """It is not done any more. Raises EntryNotValid without a reason, EntryStateWrong."""
    return _end(_open(activity), "activity", reason, by=by, now=now)


@transaction.atomic
def end_recipient(*, recipient: Recipient, reason: str, by: User, now: datetime) -> Recipient:
    """The contract is over; from now on a proof is owed that the data were returned or deleted (Art. 21 ¶2)."""
    return _end(_open(recipient), "recipient", reason, by=by, now=now)


@transaction.atomic
def prove_deletion(*, recipient: Recipient, proof: str, by: User, now: datetime) -> Recipient:
    """Note the proof of return or deletion. Raises EntryNotValid, EntryStateWrong unless ended and not proved yet."""
    row = Recipient.objects.select_for_update().get(pk=recipient.pk)
    if not row.owes_proof:
        raise EntryStateWrong
    if not proof.strip():
        raise EntryNotValid(fields={"proof": [_("Say what proves it, and where it is on file.")]})
    row.deletion_proof, row.proved_at = proof.strip()[:300], now
    row.save(update_fields=["deletion_proof", "proved_at"])
    record(by=by, action="compliance.prove_deletion", obj=row, reason=row.deletion_proof, at=now)
    return row


@transaction.atomic
def save_rule(*, rule: WatchedRule | None, values: Mapping[str, Any], by: User | None, now: datetime) -> WatchedRule:
    """Add one (None) or change one. Raises EntryNotValid."""
    row = WatchedRule.objects.select_for_update(of=("self",)).get(pk=rule.pk) if rule else WatchedRule(created_at=now)
    before = _take(row, values, RULE_FIELDS)
    return _saved(row, before, RULE_FIELDS, "watched_rule", by=by, now=now)


@transaction.atomic
def check_rule(*, rule: WatchedRule, finding: str, by: User, now: datetime) -> WatchedRule:
    """Somebody looked and says what she found; the clock begins anew. Raises EntryNotValid without a finding."""
    row = WatchedRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if not finding.strip():
        raise EntryNotValid(fields={"finding": [_("Say what you found, “unchanged” too.")]})
    row.checked_at, row.checked_by, row.finding = now, by, finding.strip()[:500]
    row.save(update_fields=["checked_at", "checked_by", "finding"])
    record(by=by, action="compliance.check_rule", obj=row, reason=row.finding, at=now)
    return row


@transaction.atomic
def note_duty_done(*, threshold: int, note: str, by: User, now: datetime) -> DutyDone:
    """What a threshold of persons asks for is done. Raises EntryNotValid for another number or without a note."""
    if threshold not in {each.persons for each in THRESHOLDS}:
        raise EntryNotValid(fields={"threshold": [_("There is no such threshold.")]})
    if not note.strip():
        raise EntryNotValid(fields={"note": [_("Say what was done, and where it is on file.")]})
    done, made = DutyDone.objects.get_or_create(
        threshold=threshold, defaults={"note": note.strip()[:500], "done_at": now, "done_by": by}
    )
    if not made:
        raise EntryStateWrong
    record(by=by, action="compliance.duty_done", obj=done, reason=done.note, at=now)
    return done


def _open(entry: Entry) -> Entry:
    row: Entry = models.QuerySet(type(entry)).select_for_update().get(pk=entry.pk)
    if row.state == EntryState.ENDED:
        raise EntryStateWrong
    return row


def _take(row: models.Model, values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Set what was given; answers what was there before. Raises EntryNotValid naming each field."""
    before = {name: getattr(row, name) for name in names}
    for name in names:
        if name in values:
            given = values[name]
            setattr(row, name, given.strip() if isinstance(given, str) else given)
    try:
        row.clean_fields(exclude=[each.name for each in row._meta.fields if each.name not in names])
    except ValidationError as error:
        raise EntryNotValid(fields=error.message_dict) from None
    return before


def _saved(  # who, what and when belong together
    row: M, before: Mapping[str, Any], names: Sequence[str], what: str, *, by: User | None, now: datetime
) -> M:
    verb = "add" if row.pk is None else "change"
    row.save()
    after = {name: getattr(row, name) for name in names}
    changes = changes_between({} if verb == "add" else _plain(before), _plain(after))
    if changes:
        record(by=by, action=f"compliance.{verb}_{what}", obj=row, changes=changes, at=now)
    return row


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.pk if isinstance(value, models.Model) else value for name, value in values.items()}


def _put_in_force(row: Entry, what: str, *, by: User | None, now: datetime) -> Entry:
    if row.state != EntryState.DRAFT:
        raise EntryStateWrong
    row.state = EntryState.IN_FORCE
    row.save(update_fields=["state"])
    record(by=by, action=f"compliance.begin_{what}", obj=row, at=now)
    return row


def _end(row: Entry, what: str, reason: str, *, by: User, now: datetime) -> Entry:
    if not reason.strip():
        raise EntryNotValid(fields={WHY: [_("Say why; it is kept in the audit log.")]})
    row.state, row.ended_at = EntryState.ENDED, now
    row.save(update_fields=["state", "ended_at"])
    record(by=by, action=f"compliance.end_{what}", obj=row, reason=reason.strip(), at=now)
    return row
