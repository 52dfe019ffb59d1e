"""What cannot be done with UGC."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Unprocessable, ValidationFailed


class UgcNotValid(ValidationFailed):
    """A piece cannot be kept like this; `fields` says why."""

    code = "ugc_not_valid"
    message = _("This cannot be kept in the library like this.")


class UgcStateWrong(Conflict):
    """The step does not follow from where the piece stands."""

    code = "ugc_state_wrong"
    message = _("This step is not possible in the present state of this piece. Load the page again.")


class NotAgreed(Unprocessable):
    """She has not agreed to publishing, or has withdrawn it."""

    code = "publishing_not_agreed"
    message = _(
        "She has not agreed that what she makes is published. Ask her, and record her answer, before it is used."
    )


class RightsOver(Unprocessable):
    """The last day on which it may be shown has passed."""

    code = "rights_over"
    message = _("The last day on which this may be shown has passed. Agree on a later one first.")
