"""Marks and sentences of the calendar."""

from collections.abc import Mapping
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
REVIEW_MARKS: Mapping[str, str] = {
    "draft": "none",
    "scanned": "none",
    "in_review": "busy",
    "approved": "good",
    "returned": "act",
    "expired": "act",
}
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


def reason_words(reason: Reason) -> str:
    """One sentence for one part of a suggestion's score."""
    facts: dict[str, Any] = dict(reason.facts)
    match reason.code:
        case "activity":
            return _("%(share)s of interactions fall into this hour (no. %(rank)d of 24)") % {
                "share": percent(float(facts["share"])),
                "rank": facts["rank"],
            }
        case "activity_unknown":
            return _("active hours have not been counted yet")
        case "window":
            return _("inside the send window %(begins)s–%(ends)s") % {
                "begins": f"{facts['begins']:%H:%M}",
                "ends": f"{facts['ends']:%H:%M}",
            }
        case "alone":
            return _("no other of this type nearby")
        case "distance":
            hours = int(facts["hours"])
            return ngettext(
                "%(count)d hour from the nearest of this type", "%(count)d hours from the nearest of this type", hours
            ) % {"count": hours}
        case "festival" if facts["days"]:
            days = int(facts["days"])
            return ngettext(
                "%(count)d day before %(name)s", "%(count)d days before %(name)s", days
            ) % {"count": days, "name": facts["name"]}
        case "festival":
            return _("on %(name)s itself") % facts
        case "load":
            slots = int(facts["slots"])
            return ngettext(
                "the owner has %(count)d slot that day", "the owner has %(count)d slots that day", slots
            ) % {"count": slots}
    return _("the owner has nothing else that day")
