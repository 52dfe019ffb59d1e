"""What cannot be booked or paid."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, Unprocessable, ValidationFailed


class RuleNotValid(ValidationFailed):
    """A rule of the revenue share cannot be made like this; `fields` says why."""

    code = "share_rule_not_valid"
    message = _("The rule cannot be saved like this.")


class NothingToPay(Unprocessable):
    """Nobody is owed anything that could be paid now."""

    code = "nothing_to_pay"
    message = _("There is nothing to pay: nobody has a share whose return window is over, after what is taken back.")


class PayoutStateWrong(Conflict):
    """The step does not follow from where the pay-out stands."""

    code = "payout_state_wrong"
    message = _("This step is not possible in the present state of the pay-out. Load the page again.")


class OtherPersonPays(NotAllowed):
    """Whoever made a pay-out does not confirm it."""

    code = "other_person_pays"
    message = _("Somebody else than the one who made the pay-out confirms that it was paid.")


class PayoutNotSaid(ValidationFailed):
    """A reason or a reference is missing."""

    code = "payout_not_said"
    message = _("Something is missing; nothing was changed.")


class CorrectionNotValid(ValidationFailed):
    """A correction cannot be booked like this; `fields` says why."""

    code = "correction_not_valid"
    message = _("The correction cannot be booked like this.")
