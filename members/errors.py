"""What cannot be done with members."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, ValidationFailed


class IdentityTaken(Conflict):
    """The value belongs to another member, and no two members share one."""

    code = "identity_taken"
    message = _("Another member has this identity already.")


class IdentityNotValid(ValidationFailed):
    """The text is no value of that type."""

    code = "identity_not_valid"
    message = _("This is not a valid value for that kind of identity.")


class MemberNotSaved(ValidationFailed):
    """An attribute has a value that cannot be accepted; `fields` says which."""

    code = "member_not_saved"
    message = _("The member was not saved: some values are not valid.")


class FilterNotValid(ValidationFailed):
    """A filter of the member list has a value that it does not understand; `fields` says which."""

    code = "filter_not_valid"
    message = _("A filter has a value that it does not understand.")


class FilterPersonal(FilterNotValid):
    """What is to be kept names a person: by a search, or by something that looks like a phone number or an e-mail address."""

    code = "filter_personal"
    message = _(
        "A search for a person is not kept, for it may be a name or a phone number. Clear the search, filter by "
        "properties such as tier, city or spend, and save that."
    )


class ViewNameTaken(Conflict):
    """One's own views have different names."""

    code = "view_name_taken"
    message = _("You have a view of that name already. Choose another name, or delete the old one first.")


class ViewNotYours(NotAllowed):
    """Somebody wants to delete a view of another person."""

    code = "view_not_yours"
    message = _("Only the person who saved a view may delete it.")


class RecordsInUse(Conflict):
    """Orders are being recorded, and whose they are must not change meanwhile."""

    code = "records_in_use"
    message = _("Orders are being recorded right now, from a file or a shop. Try again in a minute.")


class MergeRefused(Conflict):
    """The two records cannot be made one person's; the sentence says why and what to do."""

    code = "merge_refused"
    message = _("These two cannot be merged.")


class MergeOfOne(MergeRefused):
    code = "merge_of_one"
    message = _("A member cannot be merged with herself. Choose two different members.")


class MergedAlready(MergeRefused):
    code = "merged_already"
    message = _(
        "One of the two was merged into another member before. Merge that other one, who stands for her, or take the "
        "earlier merge back first."
    )


class MergeOfMinor(MergeRefused):
    code = "merge_of_minor"
    message = _(
        "By their birthdays one of the two is a minor and the other is not, or it is not known. Enter the right "
        "birthday for both first: the data of a child are under other rules."
    )


class NotMerged(MergeRefused):
    code = "not_merged"
    message = _("This member is not merged into another, so there is nothing to take back.")


class DecidedAlready(Conflict):
    code = "decided_already"
    message = _("Somebody has decided about these two already. Open the list again.")
