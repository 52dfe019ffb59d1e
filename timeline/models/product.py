"""What is sold."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    code = models.CharField(_("product code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    category = models.CharField(_("category"), max_length=60, blank=True, db_index=True)
    cycle_days = models.PositiveSmallIntegerField(
        _("repurchase cycle"), null=True, blank=True, help_text=_("Days that one unit lasts.")
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name or self.code

    @property
    def audit_label(self) -> str:
        return self.name or self.code
