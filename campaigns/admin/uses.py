"""What depends on audiences: activities that have not started yet."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models import Activity
from segments.models import AudienceUse, Use, audience_uses

WAITING = ("draft", "in_review", "approved", "scheduled")


def planned_for(audiences: Sequence[int]) -> dict[int, list[Use]]:
    """One that has started has its audience frozen, and depends on the rule no more."""
    found: dict[int, list[Use]] = {}
    for activity in Activity.objects.filter(audience__in=audiences, state__in=WAITING).order_by("pk"):
        use = Use(label=activity.name, url=reverse("campaigns:activity", args=(activity.pk,)), kind=_("Activity"))
        found.setdefault(activity.audience_id or 0, []).append(use)
    return found


audience_uses.register(AudienceUse(code="campaigns.activities", find=planned_for))
