"""What a brand sets of prizes: always with a reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from loyalty.errors import SettingsInvalid
from loyalty.models import OfferSettings

FIELDS = ("prize_cap", "virtual_share", "mix_tolerance")


@transaction.atomic
def change_offer_settings(*, values: Mapping[str, Any], reason: str, by: User | None, now: datetime) -> OfferSettings:
    """Set FIELDS. Raises SettingsInvalid with the fields at fault, or without a reason."""
    settings, _made = OfferSettings.objects.select_for_update().get_or_create(pk=1)
    before = {name: str(getattr(settings, name)) for name in FIELDS}
    for name in FIELDS:
        setattr(settings, name, values.get(name, getattr(settings, name)))
    try:
        settings.clean_fields()
    except ValidationError as error:
        raise SettingsInvalid(fields=error.message_dict) from error
    changes = changes_between(before, {name: str(getattr(settings, name)) for name in FIELDS})
    if changes and not reason.strip():
        raise SettingsInvalid(fields={"reason": [_("Say why, for the record.")]})
    if changes:
        settings.save()
        record(by=by, action="loyalty.change_settings", obj=settings, changes=changes, reason=reason.strip(), at=now)
    return settings
