"""Tiers of merged records: one person has one, which the next run judges over all that is known of her."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from members.models import MergeParty, PlanLine, merge_parties
from members.models.merge_parties import Records
from segments.selectors.standing import tags_held, tier_of


def plan(keep: Records, merge: Records) -> Iterable[PlanLine]:
    """The tier of each, and that it is judged anew. Followers of facts are told by the timeline."""
    none = _("none yet")
    yield PlanLine(
        label=_("Tier"),
        value=_("%(stays)s and %(goes)s") % {"stays": tier_of(keep[0]) or none, "goes": tier_of(merge[0]) or none},
        note=_("The next run judges her anew over all orders and interactions of both."),
    )
    tags = tags_held(merge)
    if tags:
        yield PlanLine(
            label=_("Tags"), value=str(tags), note=_("They stay with their record and are not shown for her.")
        )


merge_parties.register(MergeParty(code="segments", plan=plan, order=40))
