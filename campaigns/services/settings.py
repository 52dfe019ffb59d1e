"""The bands of levels and the settings of activities, changed with a reason."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from campaigns.enums import Measure
from campaigns.errors import LimitNotYours, SettingsNotValid
from campaigns.models import ActivitySettings, Band
from campaigns.selectors.settings import BUDGET_LIMIT

Span = tuple[Decimal, Decimal | None]
LARGEST_LIMIT = Decimal("999999999.99")
LONGEST_WINDOW = 90
SETS_LIMIT = "campaigns.set_budget_limit"
LARGEST = {Measure.PARTICIPATION: Decimal(1), Measure.CONVERSION: Decimal(1), Measure.ROI: Decimal(999)}


@transaction.atomic
def change_settings(
    *,
    budget_limit: Decimal,
    window_days: int,
    spans: Mapping[tuple[str, str], Span],
    reason: str,
    by: User | None,
    now: datetime,
) -> dict[str, list[str]]:
    """Set everything; `spans` by level and measure. Answers what differs.

    Raises SettingsNotValid; LimitNotYours where somebody changes the limit whom it is to hold.
    """
    settings, _made = ActivitySettings.objects.select_for_update().get_or_create(
        pk=1, defaults={"budget_limit": BUDGET_LIMIT}
    )
    if budget_limit != settings.budget_limit and by is not None and not by.has_perm(SETS_LIMIT):
        raise LimitNotYours(fields={"budget_limit": [LimitNotYours.message]})
    faults = _faults(budget_limit, window_days, spans)
    if faults:
        raise SettingsNotValid(fields=faults)
    changes = _set_bands(spans)
    for name, value in (("budget_limit", budget_limit), ("window_days", window_days)):
        if getattr(settings, name) != value:
            changes[name] = [str(getattr(settings, name)), str(value)]
            setattr(settings, name, value)
    if not changes:
        return {}
    if not reason.strip():
        raise SettingsNotValid(fields={"reason": [_("Say why.")]})
    settings.save()
    record(by=by, action="campaigns.change_settings", obj=settings, changes=changes, reason=reason, at=now)
    return changes


def _faults(limit: Decimal, window: int, spans: Mapping[tuple[str, str], Span]) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not 0 <= limit <= LARGEST_LIMIT:
        faults["budget_limit"] = [_("An amount from 0 to 999,999,999.99 is expected.")]
    if not 1 <= window <= LONGEST_WINDOW:
        faults["window_days"] = [_("Between 1 and 90 days.")]
    for (level, measure), (low, high) in spans.items():
        most = LARGEST[Measure(measure)]
        if not 0 <= low <= most or (high is not None and not low <= high <= most):
            faults[f"{level}.{measure}"] = [
                _("The upper end lies at or above the lower one, and neither is out of range.")
            ]
    return faults


def _set_bands(spans: Mapping[tuple[str, str], Span]) -> dict[str, list[str]]:
    changes: dict[str, list[str]] = {}
    for band in Band.objects.select_for_update().order_by("pk"):
        low, high = spans.get((band.level, band.measure), (band.low, band.high))
        if (band.low, band.high) != (low, high):
            changes[f"{band.level}.{band.measure}"] = [f"{band.low}–{band.high}", f"{low}–{high}"]
            band.low, band.high = low, high
            band.save(update_fields=["low", "high"])
    return changes
