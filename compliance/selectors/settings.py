"""The settings of the gate, as its rules take them."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import JSONObject

from compliance.models import ChannelRule, ContactSettings
from compliance.rules.gate import Policy


def contact_settings() -> ContactSettings:
    """The one row; one that is missing reads as the defaults."""
    return ContactSettings.objects.first() or ContactSettings()


def channel_rules() -> Sequence[ChannelRule]:
    return list(ChannelRule.objects.order_by("channel"))


def current_policy() -> Policy:
    """One query."""
    rules = ChannelRule.objects.filter(is_used=True).values(
        rule=JSONObject(channel="channel", most="most", days="days")
    )
    row: Any = ContactSettings.objects.annotate(rules=ArraySubquery(rules)).first()
    used: list[dict[str, Any]] = row.rules if row else []
    settings: ContactSettings = row or ContactSettings()
    return Policy(
        quiet_from=settings.quiet_from,
        quiet_to=settings.quiet_to,
        timezone=settings.timezone,
        cap_messages=settings.cap_messages,
        cap_days=settings.cap_days,
        reask_days=settings.reask_days,
        guardian_age=settings.guardian_age,
        marketing_age=settings.marketing_age,
        limits={rule["channel"]: (rule["most"], rule["days"]) for rule in used},
    )


def used_channels(policy: Policy) -> list[str]:
    """The channels that the brand uses, in the order in which they are shown."""
    return [code for code in _ORDER if code in policy.limits]


_ORDER = ("wecom", "official_account", "mini_program", "sms", "email", "phone")
