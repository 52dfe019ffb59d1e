"""The calendar's verbs: draft → review → approved → scheduled → published → measured, and back again by name."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.rules.changes import changes_between
from audit.services import record
from compliance.enums.content import ReviewState
from compliance.models import Review
from compliance.services.reviews import submit as submit_review
from content.enums import ShownOn, SlotState
from content.errors import (
    MaterialNeeded,
    NotApproved,
    SlotChanged,
    SlotInThePast,
    SlotMoved,
    SlotNotSaved,
    SlotsOverlap,
    SlotStateWrong,
    TooEarly,
)
from content.models import ContentType, MaterialVersion, Slot
from content.models.slots import PUBLISHED
from content.rules.links import is_web_address
from content.rules.states import may
from content.selectors.slots import KIND, OUT_OF_THE_WAY, approved_until, overlapping, was_approved
from content.services.lengths import too_long
from content.services.limits import beyond_limits, require_within_limits, tell_of_publishing
from segments.models import Audience

LONGEST_TITLE, LONGEST_NOTE, LONGEST_LINK = 120, 500, 1000
LONGEST = 24 * 60
EARLY = timedelta(hours=1)
UNREVIEWED = (SlotState.DRAFT, SlotState.IN_REVIEW)
FAR = timedelta(days=3 * 366)
FIELDS = ("title", "type_id", "version_id", "owner_id", "minutes", "audience_id", "account", "shown_on", "note")
SOURCE = ("source_kind", "source_id")
NOT_IN_THE_WAY = (*PUBLISHED, SlotState.MISSED, SlotState.CANCELLED)


@transaction.atomic
def create_slot(
    *,
    type: ContentType,  # noqa: A002  # the word of the domain
    title: str,
    planned_at: datetime,
    owner: User,
    by: User | None,
    now: datetime,
    version: MaterialVersion | None = None,
    minutes: int | None = None,
    audience: Audience | None = None,
    source: tuple[str, int] | None = None,
    series_id: int | None = None,
    account: str = "",
    shown_on: str = "",
    note: str = "",
    allow_overlap: bool = False,
) -> Slot:
    """Put a draft into the calendar. Raises SlotNotSaved, SlotInThePast, or SlotsOverlap unless that is meant."""
    slot = Slot(
        type=type,
        title=title.strip(),
        version=version,
        owner=owner,
        planned_at=planned_at,
        minutes=type.minutes if minutes is None else minutes,
        audience=audience,
        series_id=series_id,
        account=account.strip(),
        shown_on=shown_on,
        note=note.strip(),
        created_at=now,
        changed_at=now,
    )
    slot.source_kind, slot.source_id = source or ("", None)
    _check(slot)
    _check_time(slot, now=now, allow_overlap=allow_overlap)
    slot.save()
    record(by=by, action="content.slot.create", obj=slot, changes=changes_between({}, _facts(slot)), at=now)
    return slot


@transaction.atomic
def edit_slot(
    *,
    slot: Slot,
    values: Mapping[str, Any],
    by: User | None,
    now: datetime,
    seen_at: datetime | None = None,
    allow_overlap: bool = False,
) -> Slot:
    """Change what a slot holds, by the names of FIELDS and SOURCE; its time moves by `move_slot`, both by `replan_slot`.

    Another material takes an approved or scheduled slot back to draft, unless that version is approved too. `seen_at`
    is when it had last been changed where the caller saw it: raises SlotChanged if it was changed since. Another
    audience or length may bring it in the way of others: raises SlotsOverlap unless that is meant.
    """
    slot = _locked(slot, "edit")
    if seen_at is not None and slot.changed_at != seen_at:
        raise SlotChanged
    old = _facts(slot)
    for name in (*FIELDS, *SOURCE):
        if name in values:
            value = values[name]
            setattr(slot, name, value.strip() if isinstance(value, str) else value)
    _check(slot)
    changes = changes_between(old, _facts(slot))
    if {"audience_id", "minutes"} & changes.keys() and slot.state not in OUT_OF_THE_WAY and not allow_overlap:
        _require_free(slot)
    if "version_id" in changes and slot.state != SlotState.MISSED:
        slot.state, slot.was_scheduled = _state_for(slot), False
    _write(slot, "content.slot.edit", changes, by=by, now=now)
    return slot


@transaction.atomic
def move_slot(
    *,
    slot: Slot,
    planned_at: datetime,
    by: User | None,
    now: datetime,
    seen_at: datetime | None = None,
    allow_overlap: bool = False,
) -> Slot:
    """Plan it for another moment. `seen_at` is where the caller saw it: raises SlotMoved if it stands elsewhere.

    A scheduled slot stays scheduled while its approval reaches to the new day; a missed one is planned anew.
    """
    slot = _locked(slot, "move")
    if seen_at is not None and slot.planned_at != seen_at:
        raise SlotMoved
    was = slot.planned_at, slot.state
    slot.planned_at = planned_at
    _check_time(slot, now=now, allow_overlap=allow_overlap)
    require_within_limits(slot, at=planned_at)
    if slot.state == SlotState.MISSED:
        slot.state = _state_for(slot)
    if slot.state == SlotState.SCHEDULED and not _is_approved(slot):
        raise NotApproved
    slot.was_scheduled = slot.state == SlotState.SCHEDULED
    changes = {"planned_at": [was[0], planned_at], "state": [was[1], slot.state]}
    _write(slot, "content.slot.move", changes, by=by, now=now)
    return slot


@transaction.atomic
def replan_slot(
    *,
    slot: Slot,
    values: Mapping[str, Any],
    planned_at: datetime,
    by: User | None,
    now: datetime,
    seen_at: datetime | None = None,
    allow_overlap: bool = False,
) -> Slot:
    """What it holds and when it stands, both or neither. Raises what `edit_slot` and `move_slot` raise."""
    slot = _locked(slot, "edit")
    stays = planned_at == slot.planned_at
    slot = edit_slot(
        slot=slot, values=values, by=by, now=now, seen_at=seen_at, allow_overlap=allow_overlap or not stays
    )
    if stays:
        return slot
    return move_slot(slot=slot, planned_at=planned_at, by=by, now=now, allow_overlap=allow_overlap)


@transaction.atomic
def submit_slot(*, slot: Slot, by: User, now: datetime) -> Slot:
    """Hand its material to the legal reviewers; what is approved already is approved here too.

    Raises MaterialNeeded, NotApproved where an approval ends before the day, or what the review says: WordsForbidden and WarningsOpen name the phrases at fault.
    """
    slot = _locked(slot, "submit")
    if slot.version_id is None:
        raise MaterialNeeded
    state = _state_for(slot)
    if state == SlotState.DRAFT:
        review = Review.objects.get(kind=KIND, object_id=slot.version_id)
        if review.state == ReviewState.APPROVED:
            raise NotApproved(hint=_("Its approval ends before that day."))
        submit_review(review=review, by=by, now=now)
        state = SlotState.IN_REVIEW
    return _step(slot, state, "content.slot.submit", by=by, now=now)


@transaction.atomic
def schedule_slot(*, slot: Slot, by: User | None, now: datetime) -> Slot:
    """From now on it waits for its time. Raises NotApproved unless the approval reaches to it, SlotInThePast."""
    slot = _locked(slot, "schedule")
    if slot.planned_at <= now:
        raise SlotInThePast
    if not _is_approved(slot):
        raise NotApproved
    require_within_limits(slot, at=slot.planned_at)
    slot.was_scheduled = True
    return _step(slot, SlotState.SCHEDULED, "content.slot.schedule", by=by, now=now)


@transaction.atomic
def withdraw_slot(*, slot: Slot, by: User | None, now: datetime, reason: str = "") -> Slot:
    """Back to draft; the review of the material goes on."""
    slot = _locked(slot, "withdraw")
    slot.was_scheduled = False
    return _step(slot, SlotState.DRAFT, "content.slot.withdraw", by=by, now=now, reason=reason)


@transaction.atomic
def publish_slot(*, slot: Slot, link: str, by: User, now: datetime, published_at: datetime | None = None) -> Slot:
    """A person has published it and says where and when; a slot that was scheduled may have been missed since.

    The approval is judged as it stood when it was published. What its author takes back is recorded all the same: who
    takes it down must know where it is, and its owner is told at once. Raises TooEarly, NotApproved or SlotNotSaved.
    """
    slot = _locked(slot, "publish")
    when = published_at or now
    link = link.strip()
    if not is_web_address(link) or len(link) > LONGEST_LINK:
        raise SlotNotSaved(fields={"link": [_("The full address that members can open, beginning with https://.")]})
    if when > now:
        raise SlotNotSaved(fields={"published_at": [_("That moment is still to come.")]})
    if when < slot.planned_at - EARLY:
        raise TooEarly
    if slot.version_id is None or not was_approved(slot.version_id, at=when):
        raise NotApproved(_("The material was not approved at that moment."))
    require_within_limits(slot, at=when, link=link, is_done=True)
    slot.published_at, slot.published_by, slot.link = when, by, link
    slot = _step(slot, SlotState.PUBLISHED, "content.slot.publish", by=by, now=now)
    tell_of_publishing(slot, now=now)
    return slot


@transaction.atomic
def cancel_slot(*, slot: Slot, by: User | None, now: datetime, reason: str = "") -> Slot:
    slot = _locked(slot, "cancel")
    slot.was_scheduled = False
    return _step(slot, SlotState.CANCELLED, "content.slot.cancel", by=by, now=now, reason=reason[:LONGEST_NOTE])


@transaction.atomic
def restore_slot(*, slot: Slot, by: User | None, now: datetime, allow_overlap: bool = False) -> Slot:
    """A cancelled slot is a draft again; one whose time is over comes back as missed, to be moved.

    Raises SlotsOverlap where another slot was put into its place meanwhile, unless that is meant.
    """
    slot = _locked(slot, "restore")
    state = SlotState.DRAFT if slot.planned_at > now else SlotState.MISSED
    if state == SlotState.DRAFT and not allow_overlap:
        _require_free(slot)
    return _step(slot, state, "content.slot.restore", by=by, now=now)


def _locked(slot: Slot, step: str) -> Slot:
    locked = Slot.objects.select_for_update().get(pk=slot.pk)
    if not may(step, locked.state, was_scheduled=locked.was_scheduled):
        raise NotApproved if step == "schedule" and locked.state in UNREVIEWED else SlotStateWrong
    return locked


def _check(slot: Slot) -> None:
    faults = too_long(Slot, {"account": slot.account, "note": slot.note})
    if not 0 < len(slot.title) <= LONGEST_TITLE:
        faults["title"] = [_("Between 1 and %(limit)d characters.") % {"limit": LONGEST_TITLE}]
    if not 1 <= slot.minutes <= LONGEST:
        faults["minutes"] = [_("Between 1 minute and 24 hours.")]
    if slot.shown_on and slot.shown_on not in ShownOn.values:
        faults["shown_on"] = [_("Choose one of the places.")]
    if any("\x00" in text for text in (slot.title, slot.note, slot.account)):
        faults["title"] = [_("The text holds characters that cannot be stored.")]
    faults |= _gone(slot) | beyond_limits(slot, at=slot.planned_at)
    if faults:
        raise SlotNotSaved(fields=faults)


def _gone(slot: Slot) -> dict[str, list[str]]:
    """What it is tied to and is not in use any more."""
    faults: dict[str, list[str]] = {}
    if slot.version is not None and slot.version.material.is_archived:
        faults["version"] = [_("This material is archived.")]
    if slot.audience is not None and not slot.audience.is_active:
        faults["audience"] = [_("This audience is archived. Choose another one.")]
    if not slot.owner.is_active:
        faults["owner"] = [_("This member of staff no longer works here.")]
    return faults


def _check_time(slot: Slot, *, now: datetime, allow_overlap: bool) -> None:
    if slot.planned_at <= now:
        raise SlotInThePast
    if slot.planned_at > now + FAR:
        raise SlotNotSaved(fields={"planned_at": [_("The calendar reaches three years ahead.")]})
    if not allow_overlap:
        _require_free(slot)


def _require_free(slot: Slot) -> None:
    others = overlapping(slot)
    if others:
        first = others[0]
        begins = timezone.localtime(first.planned_at).strftime("%H:%M")
        more = len(others) - 1
        words = _("“%(title)s” stands there at %(time)s.") % {"title": first.title, "time": begins}
        if more:
            words += ngettext(" And %(count)d more.", " And %(count)d more.", more) % {"count": more}
        raise SlotsOverlap(words)


def _state_for(slot: Slot) -> SlotState:
    """What the review of its material makes of a slot that is not scheduled."""
    if slot.version_id is None:
        return SlotState.DRAFT
    if _is_approved(slot):
        return SlotState.APPROVED
    waiting = Review.objects.filter(kind=KIND, object_id=slot.version_id, state=ReviewState.IN_REVIEW).exists()
    return SlotState.IN_REVIEW if waiting else SlotState.DRAFT


def _is_approved(slot: Slot) -> bool:
    until = approved_until([slot.version_id] if slot.version_id else []).get(slot.version_id or 0)
    return until is not None and until > slot.planned_at


def _step(slot: Slot, state: SlotState, action: str, *, by: User | None, now: datetime, reason: str = "") -> Slot:
    was, slot.state = slot.state, state
    _write(slot, action, {"state": [was, state.value]}, by=by, now=now, reason=reason)
    return slot


def _write(
    slot: Slot, action: str, changes: Mapping[str, Any], *, by: User | None, now: datetime, reason: str = ""
) -> None:
    slot.changed_at = now
    slot.save()
    record(by=by, action=action, obj=slot, changes=changes, reason=reason, at=now)


def _facts(slot: Slot) -> dict[str, Any]:
    return {name: getattr(slot, name) for name in (*FIELDS, *SOURCE, "planned_at", "state")}
