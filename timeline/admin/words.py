"""Channels and interactions in the words of the member page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import Text
from core.registries import Registry
from timeline.enums import InteractionKind
from timeline.selectors import Entry

#: The codes by which our own apps and the API name a way; whatever else a sender calls his own stays as he wrote it.
CHANNELS: Mapping[str, Text] = {
    "any": "",
    "wecom": _("WeCom"),
    "sms": _("SMS"),
    "email": _("E-mail"),
    "phone": _("Phone call"),
    "official_account": _("Official account"),
    "mini_program": _("Mini program"),
    "community": pgettext_lazy("channel", "Group"),
    "store": pgettext_lazy("channel", "Store"),
    "web": pgettext_lazy("channel", "Web"),
}


@dataclass(frozen=True, kw_only=True)
class InteractionWords:
    """What an interaction is called that was written for something of an upper app.

    `code` is the property that names that thing; `words` by kind of interaction, other kinds keep their own.
    """

    code: str
    words: Mapping[str, Text]
    icon: str
    order: int = 100


interaction_words: Registry[InteractionWords] = Registry("words of interactions")


def channel_words(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def words_of(entry: Entry) -> InteractionWords | None:
    """Those of the thing that the interaction was written for; None where it stands for itself."""
    return next((each for each in interaction_words if each.code in entry.more and entry.what in each.words), None)


def interaction_title(entry: Entry) -> str:
    said = words_of(entry)
    if said:
        return str(said.words[entry.what])
    return str(InteractionKind(entry.what).label) if entry.what in InteractionKind else entry.what
