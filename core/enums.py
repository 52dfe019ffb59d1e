"""How a column concerns a person, and what an erasure does with it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataClass(models.TextChoices):
    """PIPL Art. 51: what is stored about persons is managed by class. The strictest comes first."""

    SENSITIVE = "sensitive", _("Sensitive")
    IDENTIFIER = "identifier", _("Identifies a person")
    QUASI = "quasi", _("Narrows a person down")
    BEHAVIOURAL = "behavioural", _("What a person did")
    NONE = "none", _("Not about persons")


class Ending(models.TextChoices):
    """What becomes of a row that leads to a person when she is erased."""

    DELETE = "delete", _("Delete")
    MASK = "mask", _("Take out what tells who")
    KEEP = "keep", _("Keep")
