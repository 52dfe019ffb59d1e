"""What cannot be done with tasks, deliveries and benefits."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Unprocessable, ValidationFailed


class TaskNotValid(ValidationFailed):
    """A task cannot be saved as it is; `fields` says why."""

    code = "task_not_valid"
    message = _("The task cannot be saved like this.")


class TaskStateWrong(Conflict):
    """The step does not follow from where the task stands."""

    code = "task_state_wrong"
    message = _("This step is not possible in the present state of the task. Load the page again.")


class TaskFull(Conflict):
    """Every seat is taken."""

    code = "task_full"
    message = _("Every seat of this task is taken.")


class TaskNotHers(Unprocessable):
    """She is no active KOC of the task's level."""

    code = "task_not_hers"
    message = _("She cannot take this task: it is for active KOC of its level or above.")


class DeliveryStateWrong(Conflict):
    """The step does not follow from where the delivery stands."""

    code = "delivery_state_wrong"
    message = _("This step is not possible in the present state of the delivery. Load the page again.")


class DeliveryNotValid(ValidationFailed):
    """What is handed in cannot be accepted; `fields` says why."""

    code = "delivery_not_valid"
    message = _("This cannot be handed in like this.")


class BenefitNotValid(ValidationFailed):
    """A benefit cannot be saved as it is; `fields` says why."""

    code = "benefit_not_valid"
    message = _("The benefit cannot be saved like this.")


class NobodyForBenefit(Unprocessable):
    """A coupon would reach no KOC."""

    code = "nobody_for_benefit"
    message = _("No KOC would get one: those of the level have it already, or no piece is left.")
