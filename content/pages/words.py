"""Marks and sentences of the calendar."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from content.enums import SlotState
from content.rules.suggestions import Reason
from core.errors import Text
from core.templatetags.scrm import percent

#: State of a slot → colour of its mark.
MARKS: Mapping[str, str] = {
    SlotState.DRAFT: "none",
    SlotState.IN_REVIEW: "busy",
    SlotState.APPROVED: "none",
    SlotState.SCHEDULED: "busy",
    SlotState.PUBLISHED: "good",
    SlotState.MEASURED: "good",
    SlotState.MISSED: "act",
    SlotState.CANCELLED: "none",
}
HIT_MARKS: Mapping[str, str] = {"block": "act", "warn": "watch", "allow": "good"}
WEEKDAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)
PERIODS: Mapping[str, Text] = {
    "week": gettext_lazy("this week"),
    "month": gettext_lazy("this month"),
    "quarter": gettext_lazy("this quarter"),
}
STEP_LABELS: Mapping[str, Text] = {
    "submit": gettext_lazy("Submit for legal review"),
    "schedule": pgettext_lazy("verb", "Schedule"),
    "withdraw": gettext_lazy("Back to draft"),
    "cancel": gettext_lazy("Cancel the slot"),
    "restore": gettext_lazy("Bring it back"),
}
STEP_DONE: Mapping[str, Text] = {
    "submit": gettext_lazy("“%(title)s” is with the legal reviewers, or approved already."),
    "schedule": gettext_lazy("“%(title)s” is scheduled. Its owner is told when it is time to publish it."),
    "withdraw": gettext_lazy("“%(title)s” is a draft again."),
    "cancel": gettext_lazy("“%(title)s” is cancelled."),
    "restore": gettext_lazy("“%(title)s” is back."),
    "publish": gettext_lazy("“%(title)s” is published. Its results come in from now on."),
}


def reason_words(reason: Reason) -> str:
    """One sentence for one part of a suggestion's score."""
    facts: dict[str, Any] = dict(reason.facts)
    if reason.code in COUNTED:
        return COUNTED[reason.code](facts)
    return str(PLAIN[reason.code])


def _activity(facts: Mapping[str, Any]) -> str:
    words = _("%(share)s of interactions fall into this hour (no. %(rank)d of 24)")
    if facts["whose"]:
        words = _("%(share)s of the interactions of “%(whose)s” fall into this hour (no. %(rank)d of 24)")
    return words % {"share": percent(facts["share"]), "rank": facts["rank"], "whose": facts["whose"]}


def _window(facts: Mapping[str, Any]) -> str:
    words = _("inside the send window %(begins)s–%(ends)s")
    return words % {"begins": f"{facts['begins']:%H:%M}", "ends": f"{facts['ends']:%H:%M}"}


def _distance(facts: Mapping[str, Any]) -> str:
    hours = facts["hours"]
    words = ngettext(
        "%(count)d hour from the nearest of this type", "%(count)d hours from the nearest of this type", hours
    )
    return words % {"count": hours}


def _festival(facts: Mapping[str, Any]) -> str:
    if not facts["days"]:
        return _("on %(name)s itself") % {"name": facts["name"]}
    words = ngettext("%(count)d day before %(name)s", "%(count)d days before %(name)s", facts["days"])
    return words % {"count": facts["days"], "name": facts["name"]}


def _load(facts: Mapping[str, Any]) -> str:
    slots = facts["slots"]
    words = ngettext("the owner has %(count)d slot that day", "the owner has %(count)d slots that day", slots)
    return words % {"count": slots}


COUNTED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "activity": _activity,
    "window": _window,
    "distance": _distance,
    "festival": _festival,
    "load": _load,
}
PLAIN: Mapping[str, Text] = {
    "activity_unknown": gettext_lazy("active hours have not been counted yet"),
    "alone": gettext_lazy("no other of this type nearby"),
    "free": gettext_lazy("the owner has nothing else that day"),
}
