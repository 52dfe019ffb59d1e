"""Choices of compliance."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# --- content law ---


class Severity(models.TextChoices):
    """What a phrase of the lexicon does where it is found."""

    BLOCK = "block", pgettext_lazy("lexicon", "Forbidden")
    WARN = "warn", pgettext_lazy("lexicon", "Warning")
    ALLOW = "allow", pgettext_lazy("lexicon", "Allowed")


class Pack(models.TextChoices):
    """Parts of the lexicon; a brand switches on those of its trades. The statutory one is always on."""

    STATUTORY = "statutory", _("Statutory")
    GENERAL = "general", _("General claims")
    PROMOTION = "promotion", _("Promotions and sharing")
    MEDICAL = "medical", _("Medicine and treatment")
    COSMETICS = "cosmetics", _("Cosmetics")
    HEALTH_FOOD = "health_food", _("Health food")
    FOOD = "food", _("Food and infant formula")
    FINANCE = "finance", _("Finance")
    EDUCATION = "education", _("Education")
    ALCOHOL = "alcohol", _("Alcohol and tobacco")
    PROPERTY = "property", _("Property")
    BRAND = "brand", _("Own words")


class ReviewState(models.TextChoices):
    """Where a text that members will see stands."""

    DRAFT = "draft", pgettext_lazy("review", "Draft")
    SCANNED = "scanned", pgettext_lazy("review", "Not submitted")
    IN_REVIEW = "in_review", pgettext_lazy("review", "In legal review")
    APPROVED = "approved", pgettext_lazy("review", "Approved")
    RETURNED = "returned", pgettext_lazy("review", "Returned")
    EXPIRED = "expired", pgettext_lazy("review", "Expired")
