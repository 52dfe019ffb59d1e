"""What could not be done with tiers and tags."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, ValidationFailed


class RetierRunning(Conflict):
    """Only one run at a time writes standings."""

    code = "retier_running"
    message = _("The tiers are being computed right now. Wait until that run has ended, then try again.")


class AsOfTooEarly(Conflict):
    """History is written forwards only."""

    code = "as_of_too_early"
    message = _("The tiers were already computed for a later moment.")


class DefinitionsInvalid(ValidationFailed):
    """Tiers, criteria or score settings contradict themselves."""

    code = "definitions_invalid"
    message = _("These definitions cannot work.")


class ReasonMissing(ValidationFailed):
    """A change of what tiers mean needs a reason for the record."""

    code = "reason_missing"
    message = _("Say why, for the record.")


class TagInvalid(ValidationFailed):
    """A tag, its group or its rule cannot be kept like that."""

    code = "tag_invalid"
    message = _("This tag cannot be kept like that.")


class TagKeptByRule(Conflict):
    """A tag with a rule is given and taken by the rule alone."""

    code = "tag_kept_by_rule"
    message = _("This tag is kept by its rule and cannot be given or taken by hand.")


class GroupInUse(Conflict):
    """A group still holds tags."""

    code = "tag_group_in_use"
    message = _("This group still holds tags. Move or delete them first.")


class TagInUse(Conflict):
    """Rules of other tags name this one; without it they would find nobody or fail."""

    code = "tag_in_use"
    message = _("The rules of these tags depend on it: %(tags)s. Change those rules first.")


class TagRulesBroken(Conflict):
    """Rules name something that is not there any more; all other tags were refreshed."""

    code = "tag_rules_broken"
    message = _("The rules of these tags name something that is gone: %(tags)s. All other tags were refreshed.")
