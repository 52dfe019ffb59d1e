"""Why records cannot be merged, or a merge not be taken back, as the law stands."""

from django.utils.translation import gettext_lazy as _

from members.errors import MergeRefused


class MergeWithErasure(MergeRefused):
    """Whose records are to be erased must be known before and after."""

    code = "merge_with_erasure"
    message = _(
        "One of the two was erased, or has asked to be. Answer her request first; whose records are to be erased must "
        "not change meanwhile."
    )


class MergeOfRestricted(MergeRefused):
    """A merge would restrict, or hold, what is free today, by a side door."""

    code = "merge_of_restricted"
    message = _(
        "The data of one of the two are restricted to storing, or under a legal hold, and those of the other are not. "
        "Lift that first, or set it for both."
    )
