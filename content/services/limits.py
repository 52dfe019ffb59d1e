"""Whether a slot keeps to what the author of its material agreed to."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from content.enums import ShownOn
from content.errors import SlotNotSaved
from content.models import MaterialLimit, Slot, material_limits
from content.rules.links import is_on_public_platform
from core.templatetags.scrm import day_text


def beyond_limits(slot: Slot, *, at: datetime, link: str = "", is_done: bool = False) -> dict[str, list[str]]:
    """Field by field, in words, for what is shown at that moment and address; nothing where all is well.

    That use is over refuses plans; what `is_done` already is asked for its day and place then.
    """
    if slot.version is None:
        return {}
    faults: dict[str, list[str]] = {}
    for source in material_limits:
        limit = source.find(slot.version.material_id)
        if limit is None:
            continue
        if limit.is_over and not is_done:
            faults["version"] = [_("Its author's consent or rights are over: choose another material.")]
        elif limit.until is not None and timezone.localdate(at) > limit.until:
            words = _("Its author agreed that it is shown until %(day)s: choose an earlier day, or another material.")
            faults["version"] = [words % {"day": day_text(limit.until, at)}]
        faults |= _misplaced(slot, limit, link)
    return faults


def _misplaced(slot: Slot, limit: MaterialLimit, link: str) -> dict[str, list[str]]:
    """What its author agreed to is asked of the place that the slot names; an address can only contradict it."""
    if limit.places is None:
        return {}
    faults: dict[str, list[str]] = {}
    places = "; ".join(str(place.label) for place in ShownOn if place in limit.places)
    if not slot.shown_on:
        words = _("Say where it is shown: its author agreed to certain places only (%(places)s).")
        faults["shown_on"] = [words % {"places": places}]
    elif slot.shown_on not in limit.places:
        words = _("Its author did not agree to this place, only to: %(places)s. Choose one, or another material.")
        faults["shown_on"] = [words % {"places": places}]
    if ShownOn.PUBLIC not in limit.places and is_on_public_platform(link):
        faults["link"] = [_("Its author agreed to own channels only: this address is on a public platform.")]
    return faults


def require_within_limits(slot: Slot, *, at: datetime, link: str = "", is_done: bool = False) -> None:
    """Raises SlotNotSaved, which says in its first words what is wrong."""
    faults = beyond_limits(slot, at=at, link=link, is_done=is_done)
    if faults:
        raise SlotNotSaved(next(iter(faults.values()))[0], fields=faults)


def tell_of_publishing(slot: Slot, *, now: datetime) -> None:
    """To the apps that know the author of its material: where use is over, what stands there must be taken down."""
    if slot.version is not None:
        for source in material_limits:
            source.published(slot.version.material_id, slot, now)
