"""What members bring to the plan of a merge: the records themselves, and what they are known by."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from members.models import Identity, MergeParty, PlanLine, merge_parties
from members.models.merge_parties import Records


def plan(keep: Records, merge: Records) -> Iterable[PlanLine]:
    """Her profile is that of the record that stays; she is found by all that either is known by."""
    del keep
    known = Identity.objects.filter(member__in=merge).count()
    yield PlanLine(
        label=_("Profile"),
        value=_("that of the record that stays"),
        note=_("Name, birthday, city, home store and guide of the other one are kept with it and no longer shown."),
    )
    if len(merge) > 1:
        yield PlanLine(label=_("Records merged into it before"), value=str(len(merge) - 1), note=_("They go along."))
    yield PlanLine(
        label=_("Phones, cards and other identities"), value=str(known), note=_("She is found by these too.")
    )


merge_parties.register(MergeParty(code="members", plan=plan, order=10))
