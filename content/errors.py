"""What content refuses, in words that a marketer can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Unprocessable, ValidationFailed


class SlotNotSaved(ValidationFailed):
    """A value of a slot cannot be accepted; `fields` says which."""

    code = "slot_not_saved"
    message = _("The slot was not saved: some values are not valid.")


class SlotInThePast(Unprocessable):
    """Nothing is planned for a moment that is over."""

    code = "slot_in_the_past"
    message = _("That moment is over. Choose a later one.")


class SlotsOverlap(Conflict):
    """Another slot stands there; who means it says so."""

    code = "slots_overlap"
    message = _("Another slot stands at that time.")
    hint = _("Choose another time, or put both there on purpose.")


class SlotStateWrong(Conflict):
    """The step does not follow from where the slot stands."""

    code = "slot_state_wrong"
    message = _("This step is not possible in the present state of the slot. Load the page again.")


class SlotMoved(Conflict):
    """Somebody else moved it meanwhile."""

    code = "slot_moved"
    message = _("Somebody else has just moved this slot. Look at it again, then repeat your change.")


class SlotChanged(Conflict):
    """Somebody else saved it meanwhile."""

    code = "slot_changed"
    message = _(
        "Somebody else has changed this slot meanwhile. What you typed stands here still: look at the slot, then save "
        "again to put yours in its place."
    )


class NotApproved(Unprocessable):
    """Nothing unapproved can be scheduled."""

    code = "material_not_approved"
    message = _("The material is not approved for that day. Submit it for legal review first.")


class MaterialNeeded(Unprocessable):
    """There is nothing yet that could be reviewed or published."""

    code = "material_needed"
    message = _("The slot has no material yet. Choose one first.")


class TooEarly(Conflict):
    """It is confirmed when it has happened, not before."""

    code = "too_early"
    message = _("It is not time yet: what was published is confirmed from an hour before its time on.")


class MaterialNotSaved(ValidationFailed):
    """A value of a material cannot be accepted; `fields` says which."""

    code = "material_not_saved"
    message = _("The material was not saved: some values are not valid.")


class RulesNotSaved(ValidationFailed):
    """A rule, target or setting cannot be accepted; `fields` says which."""

    code = "rules_not_saved"
    message = _("Nothing was saved: some values are not valid.")


class RulesContradict(Unprocessable):
    """Two rules of the cadence cannot both be meant."""

    code = "rules_contradict"
    message = _("These rules contradict each other.")


class PlanNotLaid(ValidationFailed):
    """A series or a template cannot be laid; nothing of it was."""

    code = "plan_not_laid"
    message = _("Nothing was laid into the calendar.")


class ReportNotRead(ValidationFailed):
    """A report file cannot be taken as it is."""

    code = "report_not_read"
    message = _("The report was not imported.")
