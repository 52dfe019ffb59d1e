"""What cannot be done with staff."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, Unprocessable, ValidationFailed


class StaffNotSaved(ValidationFailed):
    """An attribute has a value that cannot be accepted; `fields` says which."""

    code = "staff_not_saved"
    message = _("The staff member was not saved: some values are not valid.")


class OwnRoleFixed(NotAllowed):
    """Nobody gives herself other rights."""

    code = "own_role_fixed"
    message = _("You cannot change your own role, scope or access. Ask another administrator.")


class LastAdministrator(Conflict):
    """Somebody must be able to let others in."""

    code = "last_administrator"
    message = _("This is the last active administrator. Make somebody else one first.")


class CodeRefused(Unprocessable):
    """No code of now, or one that was used before."""

    code = "code_refused"
    message = _("This code is not valid. Type the one that the app shows now; each code works once.")


class OwnSecondFactor(NotAllowed):
    """Whoever sits at somebody's desk must not be able to do without the phone."""

    code = "own_second_factor"
    message = _("You cannot reset your own second factor. Ask another administrator.")


class NotANetwork(ValidationFailed):
    """One of the lines is neither an address nor a network."""

    code = "not_a_network"
    message = _("Write one address or network per line, such as 203.0.113.7 or 203.0.113.0/24.")


class ExportNotYours(NotAllowed):
    """Neither may it be asked for by this role, nor fetched by anybody but the one who asked."""

    code = "export_not_yours"
    message = _("You may not take this out.")


class FourEyes(NotAllowed):
    """The second person is another one, and may decide."""

    code = "four_eyes"
    message = _("Somebody else who may allow exports has to decide this.")


class ListGrew(Conflict):
    """Between the question and the file there came to be more than one person may take out; nothing is cut in silence."""

    code = "list_grew"
    message = _("The list has grown beyond what one person may take out. Ask for the export again.")


class ExportNotReady(Conflict):
    """Not made yet, decided already, or gone."""

    code = "export_not_ready"
    message = _("This export is not ready, was decided, or has expired.")


class ReasonMissing(ValidationFailed):
    """An export without a reason cannot be accounted for."""

    code = "reason_missing"
    message = _("Say what the file is for.")
