"""Purposes and channels in the words that members and staff read."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.enums.consent import Channel, Purpose, Reason
from compliance.rules.consent import recipient_of
from core.errors import Text

#: What she agrees to, in one sentence; kept with her choice as the words that stood beside the switch.
ASKED: Mapping[str, Text] = {
    Purpose.MARKETING: gettext_lazy("Send me offers, new products and invitations."),
    Purpose.PERSONALISATION: gettext_lazy("Use my purchases and interactions to choose content that suits me."),
    Purpose.SENSITIVE: gettext_lazy("Process the sensitive data that I give for a service, for that service only."),
    Purpose.PUBLISH: gettext_lazy("Show my name, partly hidden, in lists of winners and leaderboards."),
}
#: The mark of a channel, from the icon font of the admin.
ICONS: Mapping[str, str] = {
    Channel.ANY: "all_inclusive",
    Channel.WECOM: "forum",
    Channel.SMS: "sms",
    Channel.EMAIL: "mail",
    Channel.PHONE: "call",
    Channel.OFFICIAL_ACCOUNT: "campaign",
    Channel.MINI_PROGRAM: "apps",
}


def purpose_label(purpose: str) -> str:
    if purpose in Purpose.values:
        return str(Purpose(purpose).label)
    return _("Providing data to %(recipient)s") % {"recipient": recipient_of(purpose)}


def asked(purpose: str) -> str:
    if purpose in ASKED:
        return str(ASKED[purpose])
    return _("Provide my data to %(recipient)s.") % {"recipient": recipient_of(purpose)}


def channel_label(channel: str) -> str:
    return str(Channel(channel).label) if channel in Channel.values else channel


def reason_label(reason: str) -> str:
    return str(Reason(reason).label)
