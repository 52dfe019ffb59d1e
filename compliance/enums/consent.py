"""Choices of consent, notices, suppression and the contact gate."""

from django.db import models
from django.utils.translation import gettext_lazy as _

#: A purpose of its own for each recipient that data are provided to (PIPL Art. 23): `provide:<recipient>`.
PROVIDE = "provide:"


class Purpose(models.TextChoices):
    """What a member is asked for. Each is asked for by itself (PIPL Art. 14, 23, 25, 29)."""

    MARKETING = "marketing", _("Marketing messages")
    PERSONALISATION = "personalisation", _("Personalised content")
    SENSITIVE = "sensitive", _("Sensitive data")
    PUBLISH = "publish", _("Publishing")


class Channel(models.TextChoices):
    """By which way a member is reached; a use of data that reaches nobody is asked for on `any`."""

    ANY = "any", _("All channels")
    WECOM = "wecom", _("WeCom")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone call")
    OFFICIAL_ACCOUNT = "official_account", _("Official account")
    MINI_PROGRAM = "mini_program", _("Mini program")


#: The ways by which a message can go.
REACHING = tuple(channel for channel in Channel if channel != Channel.ANY)
REACHING_CHOICES = [(channel.value, channel.label) for channel in REACHING]


class ConsentAction(models.TextChoices):
    GRANT = "grant", _("Given")
    GUARDIAN_GRANT = "guardian_grant", _("Given by the guardian")
    REFUSE = "refuse", _("Refused")
    WITHDRAW = "withdraw", _("Withdrawn")


GRANTS = (ConsentAction.GRANT, ConsentAction.GUARDIAN_GRANT)
NOES = (ConsentAction.REFUSE, ConsentAction.WITHDRAW)


class ConsentSource(models.TextChoices):
    """By which door an event came in."""

    PAGE = "page", _("Privacy centre")
    STAFF = "staff", _("Recorded by staff")
    API = "api", _("API")
    IMPORT = "import", _("File")
    KEYWORD = "keyword", _("Reply of the member")


class Reason(models.TextChoices):
    """Answers of the gate, in its order: the first that refuses is the reason."""

    ERASED = "erased", _("Erased")
    MERGED = "merged", _("Merged into another member")
    RESTRICTED = "restricted", _("Restricted: stored only")
    MINOR = "minor", _("Minor")
    SUPPRESSED = "suppressed", _("On the suppression list")
    NO_CONSENT = "no_consent", _("No consent")
    WITHDRAWN = "withdrawn", _("Consent withdrawn")
    RECONSENT_DUE = "reconsent_due", _("The notice has changed: consent is due anew")
    QUIET_HOURS = "quiet_hours", _("Quiet hours")
    FREQUENCY_CAP = "frequency_cap", _("Contacted often enough")
    CHANNEL_LIMIT = "channel_limit", _("Limit of the channel")
    ALLOWED = "allowed", _("May be contacted")


class NoticeState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class SuppressionKind(models.TextChoices):
    """What is suppressed; the codes are those of `members.enums.IdentityType`."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")


class SuppressionReason(models.TextChoices):
    OPT_OUT = "opt_out", _("Asked not to be contacted")
    COMPLAINT = "complaint", _("Complained")
    WRONG_PERSON = "wrong_person", _("Belongs to somebody else")
    BOUNCED = "bounced", _("Cannot be reached")
    AUTHORITY = "authority", _("Ordered or listed by an authority")
    OTHER = "other", _("Other")
