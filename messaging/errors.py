"""What cannot be done with messages, each as a sentence."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, ValidationFailed


class SendNotValid(ValidationFailed):
    """`fields` says what is wrong."""

    code = "send_not_valid"
    message = _("The send cannot be made like this.")


class SendStateWrong(Conflict):
    code = "send_state_wrong"
    message = _("The send is not in the state for this.")
    hint = _("Somebody may have moved it; look at it again.")


class SendExists(Conflict):
    """One source, step and channel is one send: whoever made it may add recipients to it."""

    code = "send_exists"
    message = _("There is a send of this source, step and channel already.")


class TextNotApproved(Conflict):
    code = "text_not_approved"
    message = _("The text has no valid approval.")
    hint = _("Submit the template to legal review first.")


class GatewayNotReady(Conflict):
    code = "gateway_not_ready"
    message = _("The gateway is switched off or not complete.")


class GatewayNotValid(ValidationFailed):
    """`fields` says what is wrong."""

    code = "gateway_not_valid"
    message = _("The gateway cannot be set up like this.")


class TemplateNotValid(ValidationFailed):
    """`fields` says what is wrong."""

    code = "template_not_valid"
    message = _("The template cannot be saved like this.")


class NotInDoubt(Conflict):
    """Only of a message that nobody knows about can somebody say what became of it."""

    code = "not_in_doubt"
    message = _("What became of this message is known by now.")


class ReasonNeeded(ValidationFailed):
    code = "reason_needed"
    message = _("Say how you know.")
