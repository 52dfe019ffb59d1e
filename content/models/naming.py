"""Rows that a marketer edits carry both languages; the reader's is shown."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=60)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.in_words("name")

    @property
    def audit_label(self) -> str:
        return self.name_zh

    def in_words(self, field: str) -> str:
        """The text of `field` in the reader's language."""
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        return str(getattr(self, f"{field}_{language}"))
