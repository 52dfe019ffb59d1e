"""What the registers refuse, in words that an operator can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, ValidationFailed


class EntryNotValid(ValidationFailed):
    """`fields` says what is missing."""

    code = "entry_not_valid"
    message = _("The entry was not saved.")


class EntryStateWrong(Conflict):
    code = "entry_state_wrong"
    message = _("This step is not possible in the present state. Load the page again.")


class AssessmentMissing(Conflict):
    """PIPL Art. 55: first the assessment, then the processing."""

    code = "assessment_missing"
    message = _("This needs an approved impact assessment first (PIPL Art. 55).")
    hint = _("Complete the assessment under “Registers”, and have a second person approve it.")


class AssessmentIncomplete(ValidationFailed):
    code = "assessment_incomplete"
    message = _("An assessment has three parts (PIPL Art. 56); each has to be written out.")


class AssessorApproves(NotAllowed):
    code = "assessor_approves"
    message = _("Whoever wrote the assessment cannot approve it. Ask another person.")


class IncidentOpen(Conflict):
    """Closing before it was decided whom to tell."""

    code = "incident_open"
    message = _("The incident cannot be closed yet.")


class IncidentClosed(Conflict):
    code = "incident_closed"
    message = _("This incident is closed; its record does not change any more.")
