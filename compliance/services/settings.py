"""Changing the gate's settings: always with a reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import Changes, changes_between
from audit.services import record
from compliance.errors.consent import ReasonNeeded, SettingsNotValid
from compliance.models import ChannelRule, ContactSettings

FIELDS = (
    *("quiet_from", "quiet_to", "timezone", "cap_messages", "cap_days", "reask_days"),
    *("guardian_age", "marketing_age", "link_days"),
)
CHANNEL_FIELDS = ("is_used", "most", "days")


@transaction.atomic
def change_settings(
    *,
    values: Mapping[str, Any],
    channels: Mapping[str, Mapping[str, Any]],
    reason: str,
    by: User | None,
    now: datetime,
) -> Changes:
    """Set FIELDS, and CHANNEL_FIELDS by channel; answers what differs. Raises ReasonNeeded or SettingsNotValid."""
    settings, _made = ContactSettings.objects.select_for_update().get_or_create(pk=1)
    rules = {rule.channel: rule for rule in ChannelRule.objects.select_for_update().order_by("channel")}
    errors: dict[str, Sequence[Any]] = {}
    changes = _apply(settings, values, FIELDS, "", errors)
    for channel, given in channels.items():
        changes |= _apply(rules[channel], given, CHANNEL_FIELDS, f"{channel}.", errors)
    if not _is_zone(settings.timezone):
        errors["timezone"] = [_("There is no such time zone.")]
    if errors:
        raise SettingsNotValid(fields=errors)
    if not changes:
        return {}
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": [ReasonNeeded.message]})
    settings.save()
    for channel in channels:
        rules[channel].save()
    record(by=by, action="compliance.change_settings", obj=settings, changes=changes, reason=reason.strip(), at=now)
    return changes


def _apply(
    row: models.Model, values: Mapping[str, Any], names: Sequence[str], prefix: str, errors: dict[str, Sequence[Any]]
) -> Changes:
    before = {name: getattr(row, name) for name in names if name in values}
    for name in before:
        setattr(row, name, values[name])
    try:
        row.clean_fields()
    except ValidationError as error:
        errors |= {f"{prefix}{name}": said for name, said in error.message_dict.items()}
        return {}
    after = {name: getattr(row, name) for name in before}
    return {
        f"{prefix}{name}": [str(was), str(now)]
        for name, (was, now) in changes_between(_plain(before), _plain(after)).items()
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in values.items()}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
