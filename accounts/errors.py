"""What cannot be done with staff."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, ValidationFailed


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
