"""What the audit refuses."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict


class OutsideTransaction(RuntimeError):
    """An audit row was to be written outside of the transaction of the act it records: a fault of the program."""


class SealsAhead(Conflict):
    """The file of seals knows more than the database: it was restored or replaced, or rows and seals were cut off."""

    code = "seals_ahead"
    message = _("The file of seals is ahead of the database, so nothing is sealed.")
    hint = _(
        "After a restore run `manage.py seal_audit --accept-loss` with the reason. Where the database was made anew, "
        "move the old file of seals away. Otherwise somebody has cut off rows and seals: look into it."
    )


class SealHeldBack(Conflict):
    """The loss is declared; something in the server has been open since before the declaration."""

    code = "seal_held_back"
    message = _("The loss is declared, but an open transaction holds the seal back.")
    hint = _("Run the command again when that transaction has ended.")
