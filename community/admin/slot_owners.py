"""Promises of groups for which slots of the calendar are planned."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from community.models import ValuePlan
from community.models.value_plans import SOURCE_KIND
from content.models import SlotOwner, SlotOwners, slot_owners

MOST = 200


def running_promises() -> Sequence[SlotOwner]:
    found = ValuePlan.objects.filter(ended_on=None, group__state="active").select_related("group")
    return [_named(plan) for plan in found.order_by("group__name", "weekday", "time")[:MOST]]


def promise(number: int) -> SlotOwner | None:
    found = ValuePlan.objects.select_related("group").filter(pk=number).first()
    return _named(found) if found else None


def _named(plan: ValuePlan) -> SlotOwner:
    return SlotOwner(plan.pk, f"{plan.group.name} · {plan.title}")


slot_owners.register(
    SlotOwners(code=SOURCE_KIND, label=_("Value plan of a group"), choices=running_promises, find=promise, order=20)
)
