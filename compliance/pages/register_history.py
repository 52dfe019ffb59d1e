"""What was done to an entry, in words."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.selectors import Done, latest_acts
from core.errors import Text

LATEST = 10
WORDS: Mapping[str, Text] = {
    "add": pgettext_lazy("register", "entered"),
    "change": pgettext_lazy("register", "changed"),
    "begin": _("put in force"),
    "end": pgettext_lazy("register", "ended"),
    "prove": _("proof kept"),
    "check": _("checked"),
    "write": _("written"),
    "approve": _("approved"),
    "expire": _("expired"),
    "open": pgettext_lazy("incident", "opened"),
    "list": _("list of members worked out"),
    "decide": _("decision kept"),
    "close": pgettext_lazy("incident", "closed"),
}
#: A draft of an assessment is begun; everything else that begins is put in force.
BEGUN = "compliance.begin_assessment"


def history_of(row: models.Model | None) -> list[tuple[Done, Text]]:
    """The last acts, the latest first."""
    if row is None:
        return []
    return [(done, _words(done.entry.action)) for done in latest_acts(row, most=LATEST)]


def _words(action: str) -> Text:
    if action == BEGUN:
        return _("draft begun")
    return WORDS.get(action.partition(".")[2].partition("_")[0], action)
