"""Merged records in the community: a KOC goes along by herself (`koc_keeping`), and what then went over is not split again."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from community.errors.koc import KocWentOver
from community.selectors.koc_merging import kocs_of, went_over
from members.models import MergeParty, PlanLine, merge_parties
from members.models.merge_parties import Records


def plan(keep: Records, merge: Records) -> Iterable[PlanLine]:
    """Whether the other record is a KOC, and what becomes of her."""
    if not kocs_of(merge):
        return
    both = _("Of the two the one of the higher level stays; the account of the other is joined with hers.")
    yield PlanLine(
        label=_("KOC"),
        value=_("both are") if kocs_of(keep) else _("goes over with her code and her account"),
        note=" ".join(
            filter(None, (both if kocs_of(keep) else "", _("Once that is done the merge cannot be taken back.")))
        ),
    )


def refuse_undo(stays: Records, leaves: Records, since: datetime, now: datetime) -> None:
    """Bookings that mirror each other stand in a ledger that is never rewritten. Raises KocWentOver."""
    del now
    if went_over([*stays, *leaves], since=since):
        raise KocWentOver


merge_parties.register(MergeParty(code="community", plan=plan, refuse_undo=refuse_undo, order=50))
