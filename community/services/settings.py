"""Types of groups with their bands, and what counts as asleep: changed with a reason."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from community.errors.groups import TypeNotValid
from community.models import GroupSettings, GroupType

MOST_MESSAGES = 1_000_000
LIMITS = {"sleeper_days": 365, "band_days": 90}
Bands = Mapping[int, tuple[int, int]]


@transaction.atomic
def change_settings(
    *, bands: Bands, sleeper_days: int, band_days: int, reason: str, by: User | None, now: datetime
) -> dict[str, list[str]]:
    """Set everything; `bands` are messages a day by type. Answers what differs. Raises TypeNotValid."""
    settings, _made = GroupSettings.objects.select_for_update().get_or_create(pk=1)
    given = {"sleeper_days": sleeper_days, "band_days": band_days}
    faults = _faults(bands, given)
    if faults:
        raise TypeNotValid(fields=faults)
    changes = _set_bands(bands)
    for name, value in given.items():
        if getattr(settings, name) != value:
            changes[name] = [str(getattr(settings, name)), str(value)]
            setattr(settings, name, value)
    if not changes:
        return {}
    if not reason.strip():
        raise TypeNotValid(fields={"reason": [_("Say why.")]})
    settings.save()
    record(by=by, action="community.change_settings", obj=settings, changes=changes, reason=reason, at=now)
    return changes


def _faults(bands: Bands, given: Mapping[str, int]) -> dict[str, list[str]]:
    faults = {
        f"band.{type_id}": [_("The upper end lies above the lower one, and both are whole numbers from 1 on.")]
        for type_id, (low, high) in bands.items()
        if not 1 <= low < high <= MOST_MESSAGES
    }
    for name, most in LIMITS.items():
        if not 1 <= given[name] <= most:
            faults[name] = [_("Between 1 and %(most)d days.") % {"most": most}]
    return faults


def _set_bands(bands: Bands) -> dict[str, list[str]]:
    changes: dict[str, list[str]] = {}
    for kind in GroupType.objects.select_for_update().filter(pk__in=bands).order_by("pk"):
        low, high = bands[kind.pk]
        if (kind.messages_low, kind.messages_high) != (low, high):
            changes[kind.code] = [f"{kind.messages_low}–{kind.messages_high}", f"{low}–{high}"]
            kind.messages_low, kind.messages_high = low, high
            kind.save(update_fields=["messages_low", "messages_high"])
    return changes
