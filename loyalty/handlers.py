"""Coupons and chances of merged records: they stay in the hands that they were given to."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from loyalty.selectors.holding import coupons_held, open_chances
from members.models import MergeParty, PlanLine, merge_parties
from members.models.merge_parties import Records


def plan(keep: Records, merge: Records) -> Iterable[PlanLine]:
    """How many coupons and chances the other record holds."""
    del keep
    stays = _("They stay with their record and are valid as before.")
    held = coupons_held(merge)
    if held:
        yield PlanLine(label=_("Coupons"), value=str(held), note=stays)
    chances = open_chances(merge)
    if chances:
        yield PlanLine(label=_("Chances in draws"), value=str(chances), note=stays)


merge_parties.register(MergeParty(code="loyalty", plan=plan, order=45))
