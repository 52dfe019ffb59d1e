"""Activities for which slots of the calendar are planned."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from campaigns.models import Activity
from campaigns.pages.activities import PLANNED_FOR
from content.models import SlotOwner, SlotOwners, slot_owners

MOST = 200


def open_activities() -> Sequence[SlotOwner]:
    found = Activity.objects.filter(state__in=PLANNED_FOR).order_by("-pk")[:MOST]
    return [SlotOwner(activity.pk, activity.name) for activity in found]


def activity(number: int) -> SlotOwner | None:
    found = Activity.objects.filter(pk=number).first()
    return SlotOwner(found.pk, found.name) if found else None


slot_owners.register(SlotOwners(code="activity", label=_("Activity"), choices=open_activities, find=activity, order=10))
