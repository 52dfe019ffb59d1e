"""What campaigns refuse, in words that an operator can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Gone, NotAllowed, Unprocessable, ValidationFailed


class LinkNotValid(ValidationFailed):
    """A link cannot be made as it is; `fields` says why."""

    code = "link_not_valid"
    message = _("The link cannot be made like this.")


class HostNotValid(ValidationFailed):
    """It cannot stand in the list of hosts."""

    code = "host_not_valid"
    message = _("This is no host that links may lead to.")


class LinkClosed(Gone):
    """The link was closed, or its host taken off the list."""

    code = "link_closed"
    message = _("This link is closed.")


class ActivityNotValid(ValidationFailed):
    """The values of an activity cannot be accepted; `fields` says which and why."""

    code = "activity_not_valid"
    message = _("The activity cannot be saved like this.")


class ActivityNotReady(Unprocessable):
    """Something is missing before the step; `fields` says what."""

    code = "activity_not_ready"
    message = _("The activity is not ready for this step.")


class AudienceEmpty(Unprocessable):
    """The audience holds nobody."""

    code = "audience_empty"
    message = _("Nobody is in this audience. Choose another one, or widen its filter.")


class AudienceRewritten(Conflict):
    """The audience's rule changed after the activity was submitted."""

    code = "audience_rewritten"
    message = _(
        "The rule of its audience was changed after it was submitted. It is a draft again: look at the audience, and "
        "submit it anew."
    )


class NobodyToGive(Unprocessable):
    """A coupon would reach nobody of the audience."""

    code = "nobody_to_give"
    message = _("Nobody in the audience would get one: they have it already, or no piece is left.")


class ActivityStateWrong(Conflict):
    """The step does not follow from where the activity stands."""

    code = "activity_state_wrong"
    message = _("This step is not possible in the present state of the activity. Load the page again.")


class ActivityChanged(Conflict):
    """Somebody else saved it meanwhile."""

    code = "activity_changed"
    message = _(
        "Somebody else has changed this activity meanwhile. What you typed stands here still: look at the activity, "
        "then save again to put yours in its place."
    )


class NotInTheirFavour(Conflict):
    """What members were promised changes in their favour only, once the activity has started."""

    code = "not_in_their_favour"
    message = _("The activity has started: what members were promised may be changed in their favour only.")


class SecondPersonNeeded(NotAllowed):
    """Whoever made the activity does not approve its budget."""

    code = "second_person_needed"
    message = _("A budget above the limit is approved by somebody who neither made nor leads the activity.")


class LimitNotYours(NotAllowed):
    """Who plans activities does not set the limit on their budgets."""

    code = "limit_not_yours"
    message = _("The limit on budgets is set by administrators, not by those who plan activities.")


class FactNotValid(ValidationFailed):
    """A cost or a participation cannot be recorded."""

    code = "fact_not_valid"
    message = _("This cannot be recorded.")


class SettingsNotValid(ValidationFailed):
    """The settings cannot be kept; `fields` names level.measure or the field."""

    code = "settings_not_valid"
    message = _("The settings cannot be saved like this.")
