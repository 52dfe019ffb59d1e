"""What cannot be done with groups, in words that an operator can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Unprocessable, ValidationFailed


class GroupNotValid(ValidationFailed):
    """The values of a group cannot be accepted; `fields` says which and why."""

    code = "group_not_valid"
    message = _("The group cannot be saved like this.")


class GroupIsClosed(Conflict):
    """A closed group takes nobody and nothing any more."""

    code = "group_closed"
    message = _("This group is closed.")


class RulesNotValid(ValidationFailed):
    """The rules cannot be published as they are."""

    code = "rules_not_valid"
    message = _("The rules cannot be published like this.")


class ParticipantNotValid(ValidationFailed):
    """Somebody cannot be put into a group as was said."""

    code = "participant_not_valid"
    message = _("The participant cannot be saved like this.")


class NotInGroup(Conflict):
    """The act needs somebody who is in the group now."""

    code = "not_in_group"
    message = _("This participant is not in the group any more. Load the page again.")


class TypeNotValid(ValidationFailed):
    """The values of a type of group, or the settings, cannot be accepted."""

    code = "group_type_not_valid"
    message = _("This cannot be saved like this.")


class GroupFull(Unprocessable):
    """More people than the group has places."""

    code = "group_full"
    message = _("The group has no place left. Raise its number of places, or open another group.")
