"""What depends on audiences: slots of the calendar that have not been published yet."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from content.models import Slot
from content.selectors.slots import WAITING
from segments.models import AudienceUse, Use, audience_uses


def planned_for(audiences: Sequence[int]) -> dict[int, list[Use]]:
    found: dict[int, list[Use]] = {}
    for slot in Slot.objects.filter(audience__in=audiences, state__in=WAITING):
        use = Use(label=slot.title, url=reverse("content:slot", args=(slot.pk,)), kind=_("slot of the calendar"))
        found.setdefault(slot.audience_id or 0, []).append(use)
    return found


audience_uses.register(AudienceUse(code="content.slots", find=planned_for))
