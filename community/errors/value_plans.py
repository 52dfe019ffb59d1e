"""What cannot be done with value plans."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, ValidationFailed


class ValuePlanNotValid(ValidationFailed):
    code = "value_plan_not_valid"
    message = _("The plan cannot be saved so.")


class PlanEnded(Conflict):
    code = "value_plan_ended"
    message = _("This promise has ended already.")


class NothingToMake(Conflict):
    code = "nothing_to_make"
    message = _("Every promise of these weeks has its slot already.")
