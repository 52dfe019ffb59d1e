"""Choices of the registers: processing, recipients, assessments, incidents."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LegalBasis(models.TextChoices):
    """The seven of PIPL Art. 13."""

    CONSENT = "consent", _("Consent (Art. 13, 1)")
    CONTRACT = "contract", _("Contract with the person, or personnel management (Art. 13, 2)")
    LEGAL_DUTY = "legal_duty", _("Legal duty (Art. 13, 3)")
    EMERGENCY = "emergency", _("Public health or emergency (Art. 13, 4)")
    NEWS = "news", _("News and public supervision (Art. 13, 5)")
    PUBLISHED = "published", _("Lawfully published by the person or others (Art. 13, 6)")
    OTHER_LAW = "other_law", _("Other laws and regulations (Art. 13, 7)")


#: Which paragraph, contract or law it is has to be said.
NEEDS_NOTE = frozenset(set(LegalBasis) - {LegalBasis.CONSENT})


class EntryState(models.TextChoices):
    """Where an entry of a register stands."""

    DRAFT = "draft", pgettext_lazy("register", "Draft")
    IN_FORCE = "in_force", pgettext_lazy("register", "In force")
    ENDED = "ended", pgettext_lazy("register", "Ended")


class RecipientKind(models.TextChoices):
    """Who decides about purpose and means: we (Art. 21), or they (Art. 23)."""

    ENTRUSTED = "entrusted", _("Entrusted processor (Art. 21)")
    INDEPENDENT = "independent", _("Independent recipient (Art. 23)")


class AssessmentState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("register", "Draft")
    APPROVED = "approved", _("Approved")
    EXPIRED = "expired", _("Expired")


class IncidentGrade(models.TextChoices):
    """国家网络安全事件报告管理办法: from 'larger' on the authority is told within four hours."""

    UNKNOWN = "unknown", _("Not graded yet")
    GENERAL = "general", _("General")
    LARGER = "larger", _("Larger")
    MAJOR = "major", _("Major")
    EXTREME = "extreme", _("Extremely serious")


TO_BE_REPORTED = frozenset({IncidentGrade.LARGER, IncidentGrade.MAJOR, IncidentGrade.EXTREME})


class Audience(models.TextChoices):
    """Whom Art. 57 asks to be told."""

    AUTHORITY = "authority", _("Authority")
    MEMBERS = "members", _("Affected members")


class Decision(models.TextChoices):
    PENDING = "", _("Not decided yet")
    NOTIFIED = "notified", _("Told")
    NOT_NOTIFIED = "not_notified", _("Not told")


class Exposure(models.TextChoices):
    """By which record a member came onto the list of an incident."""

    REVEALED = "revealed", _("Value shown in full")
    EXPORTED = "exported", _("In an exported file")
    COPIED = "copied", _("Copy of her data made")
