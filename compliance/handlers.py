"""What the law has to say when records are merged: no merge across what was erased, asked for or restricted."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.selectors.merging import consents_of, require_same_standing, require_undisturbed
from members.models import MergeParty, PlanLine, merge_parties
from members.models.merge_parties import Records


def plan(keep: Records, merge: Records) -> Iterable[PlanLine]:
    """How many consents she gave by the other record, and which of two holds."""
    hers, others = consents_of(keep), consents_of(merge)
    yield PlanLine(
        label=_("Consents and refusals"),
        value=ngettext("%(count)d event", "%(count)d events", others) % {"count": others},
        note=_("Of all that she said the latest holds; said at the same moment, the stricter.")
        if hers + others
        else "",
    )


def refuse(keep: Records, merge: Records, now: datetime) -> None:
    """Raises MergeWithErasure or MergeOfRestricted."""
    del now
    require_undisturbed([*keep, *merge])
    require_same_standing(keep, merge)


def refuse_undo(stays: Records, leaves: Records, since: datetime, now: datetime) -> None:
    """Who asked to be erased asked for all her records, and what is held by one record holds all.

    Raises MergeWithErasure or MergeOfRestricted.
    """
    del since, now
    require_undisturbed([*stays, *leaves])
    require_same_standing(stays, leaves)


merge_parties.register(MergeParty(code="compliance", plan=plan, refuse=refuse, refuse_undo=refuse_undo, order=30))
