"""What could not be done with KOC, in words that an operator can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Unprocessable, ValidationFailed
from members.errors import MergeRefused


class WeightsNotValid(ValidationFailed):
    """Weights, scales or rules cannot be used; `fields` says which and why."""

    code = "weights_not_valid"
    message = _("The weights cannot be used like this.")


class ScoringRunning(Conflict):
    code = "koc_scoring_running"
    message = _("The scores are being computed right now. Load the page again in a moment.")


class KocStateWrong(Conflict):
    """The step does not follow from where the KOC stands."""

    code = "koc_state_wrong"
    message = _("This step is not possible in the present state. Load the page again.")


class NotInvitable(Unprocessable):
    """Somebody who may not be invited, or not yet; the message says why."""

    code = "koc_not_invitable"
    message = _("This member cannot be invited to be a KOC.")


class AnswerNotValid(ValidationFailed):
    """An answer that does not name what was agreed to."""

    code = "koc_answer_not_valid"
    message = _("The answer was not recorded.")


class AgreementMissing(Unprocessable):
    """The revenue share needs her agreement to its text in force."""

    code = "koc_agreement_missing"
    message = _("She has not agreed to the text on revenue share that is in force. Record her agreement first.")


class InvitationOver(Unprocessable):
    code = "koc_invitation_over"
    message = _("The time to answer this invitation is over. Invite her again.")


class ReasonMissing(ValidationFailed):
    code = "koc_reason_missing"
    message = _("Say why; the reason is kept with the step.")


class ProposalDecided(Conflict):
    code = "koc_proposal_decided"
    message = _("This proposal has been decided, or does not fit any more.")


class AgreementNotValid(ValidationFailed):
    code = "koc_agreement_not_valid"
    message = _("The text was not published.")


class KocWentOver(MergeRefused):
    """Who earned what cannot be told apart any more by the product."""

    code = "koc_went_over"
    message = _(
        "A KOC has gone over to the other record with her code and her account, and the bookings of the ledger stand. "
        "This merge cannot be taken back; correct the accounts by hand instead."
    )
