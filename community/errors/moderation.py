"""What cannot be done in moderation."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, ValidationFailed


class ViolationDecided(Conflict):
    code = "violation_decided"
    message = _("This violation is decided already. Who disagrees appeals.")


class ViolationOpen(Conflict):
    code = "violation_open"
    message = _("This violation is not decided yet: there is nothing to appeal.")


class DecisionNotValid(ValidationFailed):
    code = "decision_not_valid"
    message = _("This cannot be decided so.")


class OwnViolation(NotAllowed):
    code = "own_violation"
    message = _("This is about you: somebody else decides it.")


class NotTheMachines(Conflict):
    code = "not_the_machines"
    message = _("A person decided this. Who disagrees appeals.")


class DecisionAppealed(Conflict):
    code = "decision_appealed"
    message = _("This decision is appealed: it is changed by the answer to the appeal.")


class AppealExists(Conflict):
    code = "appeal_exists"
    message = _("An appeal was made already. There is one for each decision.")


class AppealTooLate(Conflict):
    code = "appeal_too_late"
    message = _("The time in which this could be appealed is over.")


class AppealDecided(Conflict):
    code = "appeal_decided"
    message = _("This appeal is answered already.")


class AppealNotYours(NotAllowed):
    code = "appeal_not_yours"
    message = _("You made the decision that is appealed: somebody else answers.")


class AppealNotValid(ValidationFailed):
    code = "appeal_not_valid"
    message = _("The appeal cannot be accepted so.")


class ReportNotValid(ValidationFailed):
    code = "report_not_valid"
    message = _("The report cannot be accepted so.")


class ModerationRuleNotValid(ValidationFailed):
    code = "moderation_rule_not_valid"
    message = _("The rule cannot be saved so.")


class ModerationSettingsNotValid(ValidationFailed):
    code = "moderation_settings_not_valid"
    message = _("The settings cannot be saved so.")
