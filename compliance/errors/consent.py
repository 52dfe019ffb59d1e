"""What cannot be done with consent, notices, suppression and the gate."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Gone, NotAllowed, Unprocessable, ValidationFailed


class ConsentNotRecorded(ValidationFailed):
    """An event is not what the law or the house takes for a consent; `fields` says why."""

    code = "consent_not_recorded"
    message = _("The consent was not recorded.")


class MemberErased(Gone):
    """Nobody is there any more who could consent."""

    code = "member_erased"
    message = _("The data of this member have been erased; no consent can be recorded.")


class StaffInHerPlace(NotAllowed):
    """What a member says about herself she says on her own device, not in the session of somebody of the staff."""

    code = "staff_in_her_place"
    message = _("You are signed in as staff: here only the member chooses, on a device of hers.")
    hint = _("What a member says to you is recorded on the member's page, in your name.")


class ReaskTooSoon(NotAllowed):
    """She said no a short while ago (条例 Art. 22(5): no frequent asking after a refusal)."""

    code = "reask_too_soon"
    message = _("This member said no recently and may not be asked again yet.")


class ChannelNeeded(ValidationFailed):
    """Whether somebody may be contacted depends on the way."""

    code = "channel_needed"
    message = _("Say by which channel: a message goes by one.")


class PurposeUnknown(ValidationFailed):
    code = "purpose_unknown"
    message = _("There is no such purpose.")


class NoticeIncomplete(Unprocessable):
    """A block that the law asks for is missing; `fields` names each."""

    code = "notice_incomplete"
    message = _("The notice cannot be published: parts that the law asks for are missing.")


class NoticeNotReviewed(Unprocessable):
    """Nobody but its author has read what everybody would be bound to."""

    code = "notice_not_reviewed"
    message = _("Legal review has not approved exactly this text. Submit the draft and have a second person read it.")


class NoticePublished(Conflict):
    """People consented to exactly these words."""

    code = "notice_published"
    message = _("A published notice is never edited. Write the next version.")


class DraftExists(Conflict):
    code = "notice_draft_exists"
    message = _("The next version is being written already.")


class SuppressionNotValid(ValidationFailed):
    code = "suppression_not_valid"
    message = _("This is no value of that kind.")


class SettingsNotValid(ValidationFailed):
    code = "contact_settings_not_valid"
    message = _("The settings were not saved: some values are not valid.")


class ReasonNeeded(ValidationFailed):
    code = "reason_needed"
    message = _("Say why; the reason is kept with the change.")


class VerdictsExist(Conflict):
    code = "verdicts_exist"
    message = _("The verdicts of this send are kept already.")


class LinkExpired(Gone):
    """The link of the privacy centre is forged, too old, or was replaced by a newer one."""

    code = "link_expired"
    message = _("This link no longer works. Ask your store or our service for a new one.")
