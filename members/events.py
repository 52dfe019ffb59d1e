"""What happens in this app: as news for the floors above, and in the words of the record of acts."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts


@dataclass(frozen=True, kw_only=True)
class RecordsMoved:
    """These records were their owner's `before`, and are led to `after` now (by an un-merge: the first of themselves)."""

    records: tuple[int, ...]
    before: int
    after: int
    at: datetime


name_acts(
    "members",
    create=_("Added a member"),
    update=_("Changed a member"),
    add_identity=_("Added an identity"),
    remove_identity=_("Removed an identity"),
    reveal_identity=_("Looked at an identity in clear"),
    ask_minor_access=_("Asked to see the data of a minor"),
    grant_minor_access=_("Allowed to see the data of a minor"),
    refuse_minor_access=_("Refused to show the data of a minor"),
    merge=_("Merged a member into another"),
    take_in=_("Took in another record of the member"),
    unmerge=_("Took a merge back"),
    let_go=_("Let a merged record go again"),
    not_duplicates=_("Found two records to be two people"),
    view_saved=_("Saved a view"),
    view_deleted=_("Deleted a saved view"),
    city__create=_("Added a city"),
    city__change=_("Changed a city"),
)
