"""What cannot be done with requests, erasures and retention."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, NotFound, ValidationFailed


class NobodyThere(NotFound):
    code = "nobody_there"
    message = _("There is no such member; she may have been erased.")
    hint = ""


class UnderLegalHold(Conflict):
    """Her data must stay for now: restrict them instead."""

    code = "under_legal_hold"
    message = _("A legal hold keeps the data of this member.")
    hint = _("Restrict the data to storing until the hold is lifted.")


class ErasureRunning(Conflict):
    """What is being destroyed cannot be held any more."""

    code = "erasure_running"
    message = _("The erasure of this member has begun; a legal hold comes too late.")


class TombstoneNotKept(Conflict):
    """Nothing is erased before the file outside the database says so: an older backup would bring her back."""

    code = "tombstone_not_kept"
    message = _("The file of erasures beside the seals cannot be written.")
    hint = _("Make room there or correct its rights; the erasure goes on by itself.")


class RequestClosed(Conflict):
    code = "request_closed"
    message = _("This request is closed already.")


class IdentityNotChecked(NotAllowed):
    """Nobody's data are given out or erased on the word of a stranger."""

    code = "identity_not_checked"
    message = _("Check first who asks.")


class NoCopyDue(Conflict):
    """A copy answers a request for one, while it is open and shortly after."""

    code = "no_copy_due"
    message = _(
        "A copy is made only for a request to see and copy that is open, its maker recognised, or just answered."
    )


class CopyNotMade(Conflict):
    """A request for a copy is done when there is one."""

    code = "copy_not_made"
    message = _("No copy was made for this request yet.")
    hint = _("Make the copy first and give it to her; if she may not have it, refuse with the reason.")


class RequestNotValid(ValidationFailed):
    code = "request_not_valid"
    message = _("The request was not taken.")


class AnswerNeeded(ValidationFailed):
    code = "answer_needed"
    message = _("Say what is answered.")


class RetentionNotValid(ValidationFailed):
    code = "retention_not_valid"
    message = _("The retention rule was not changed.")
