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


class PreviewRunning(Conflict):
    """One person has one dry run reckoned at a time."""

    code = "preview_running"
    message = _("Your dry run before is still being reckoned. Try again in a moment.")


class PreviewTooSlow(Conflict):
    """Reckoning took longer than somebody waits in front of a page."""

    code = "preview_too_slow"
    message = _("Reckoning who would move took too long just now. The rules can be saved: the next run reckons them.")


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
    """Rules of other tags or of audiences name this one; without it they would find nobody or fail."""

    code = "tag_in_use"
    message = _("The rules of these depend on it: %(tags)s. Change those rules first.")


class TagRulesBroken(Conflict):
    """Rules name something that is not there any more; all other tags were refreshed."""

    code = "tag_rules_broken"
    message = _("The rules of these tags name something that is gone: %(tags)s. All other tags were refreshed.")


class AudienceInvalid(ValidationFailed):
    """An audience cannot be kept like that; `fields` names the parts of its rule as `rule.all.0`."""

    code = "audience_invalid"
    message = _("This audience cannot be kept like that.")


class AudienceInUse(Conflict):
    """Something depends on the audience; without it that would find nobody or fail."""

    code = "audience_in_use"
    message = _("These depend on the audience: %(uses)s. Change them first.")


class AudienceChanged(Conflict):
    """Somebody else saved the audience since it was read."""

    code = "audience_changed"
    message = _("Somebody else changed this audience in the meantime.")


class AudienceArchived(Conflict):
    """An archived audience is neither changed nor refreshed."""

    code = "audience_archived"
    message = _("This audience is archived. Take it back into use first.")


class AudienceTooSlow(Conflict):
    """Counting took longer than somebody waits in front of a page."""

    code = "audience_too_slow"
    message = _("Counting took too long just now. Save the audience: it is counted in the background.")


class AudiencesBroken(Conflict):
    """Rules name something that is not there any more; all other audiences were refreshed."""

    code = "audiences_broken"
    message = _("The rules of these audiences name something that is gone: %(audiences)s.")
