"""Why a step of an activity would be refused, before anybody presses its button."""

from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.models import Activity
from campaigns.services.approval import KIND
from campaigns.services.running import lacking
from compliance.models import Review
from compliance.selectors.reviews import refused_as_read
from compliance.services.reviewables import plain_parts


def refusals_of(activity: Activity, review: Review | None, *, now: datetime) -> list[str]:
    """What stands in the way of submitting a draft, or of scheduling what is approved. Nothing of the other states."""
    if activity.state == "draft":
        said = [
            _("%(field)s: %(fault)s") % {"field": capfirst(_label(name)), "fault": fault}
            for name, faults in lacking(activity, now).items()
            for fault in faults
        ]
        if not said and refused_as_read(review, plain_parts(KIND, activity.pk)):
            said.append(
                _("Phrases of its text are forbidden or lack proof: reword them, or add the proof in its review.")
            )
        return said
    if activity.state == "approved" and activity.starts_at is not None and activity.starts_at <= now:
        return [_("Its time has passed: start it now, or take it back to a draft and choose another.")]
    return []


def _label(name: str) -> str:
    return str(Activity._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # plain fields have one
