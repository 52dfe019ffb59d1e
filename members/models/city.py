"""Cities and the tier that the brand gives them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.enums import CityTier


class City(models.Model):
    """Seed data that a marketer edits; a name met first in an import gets the unknown tier."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    tier = models.CharField(_("city tier"), max_length=12, choices=CityTier, default=CityTier.UNKNOWN, blank=True)

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name
