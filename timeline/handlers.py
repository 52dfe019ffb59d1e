"""Merged records: their sums per day are computed anew, and whoever follows the facts reads them again."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from members.events import RecordsMoved
from members.models import MergeParty, PlanLine, merge_parties
from members.models.merge_parties import Records
from timeline.selectors.counts import counts_of
from timeline.services.rebuilding import read_anew

MERGED = "records merged"


def plan(keep: Records, merge: Records) -> Iterable[PlanLine]:
    """What was told of the record that goes."""
    del keep
    found = counts_of(merge)
    for label, value in (
        (_("Orders and refunds"), found.purchases),
        (_("Interactions"), found.interactions),
        (_("Touches"), found.touches),
    ):
        yield PlanLine(
            label=label, value=str(value), note=_("They stay with their record and count as hers.") if value else ""
        )


def follow(news: RecordsMoved) -> None:
    """Both persons are read anew: each of their records."""
    read_anew(member_ids=(*news.records, news.before, news.after), reason=MERGED)


merge_parties.register(MergeParty(code="timeline", plan=plan, follow=follow, order=20))
