"""The settings of the gate, as its rules take them."""

from collections.abc import Sequence

from compliance.models import ChannelRule, ContactSettings
from compliance.rules.gate import Policy


def contact_settings() -> ContactSettings:
    """The one row; one that is missing reads as the defaults."""
    return ContactSettings.objects.first() or ContactSettings()


def channel_rules() -> Sequence[ChannelRule]:
    return list(ChannelRule.objects.order_by("channel"))


def current_policy() -> Policy:
    """Two queries."""
    settings = contact_settings()
    return Policy(
        quiet_from=settings.quiet_from,
        quiet_to=settings.quiet_to,
        timezone=settings.timezone,
        cap_messages=settings.cap_messages,
        cap_days=settings.cap_days,
        guardian_age=settings.guardian_age,
        marketing_age=settings.marketing_age,
        limits={rule.channel: (rule.most, rule.days) for rule in channel_rules() if rule.is_used},
    )


def used_channels() -> list[str]:
    """The channels that the brand uses, in the order in which they are shown."""
    used = set(ChannelRule.objects.filter(is_used=True).values_list("channel", flat=True))
    return [code for code in _ORDER if code in used]


_ORDER = ("wecom", "official_account", "mini_program", "sms", "email", "phone")
