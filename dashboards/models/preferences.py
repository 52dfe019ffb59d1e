"""What members of each kind of city buy."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Store
from members.enums import CityTier


class PreferenceCell(models.Model):
    """Sums over the buyers of one home store and city tier: in one category, or (`whole`) in all of them together.

    Sums over members add up over stores, and hold all that a share and its uncertainty need: with `y` what a member
    spent in the category and `x` what she spent at all, they are Σy, Σy² and Σxy. Net of refunds.
    """

    id = models.BigAutoField(primary_key=True)
    store = models.ForeignKey(
        Store,
        models.CASCADE,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("home store"),
    )
    city_tier = models.CharField(_("city tier"), max_length=12, choices=CityTier, blank=True)
    whole = models.BooleanField(default=False)
    category = models.CharField(_("category"), max_length=60, blank=True)
    buyers = models.BigIntegerField(_("buyers"))
    spend = models.DecimalField(_("net spend"), max_digits=18, decimal_places=2)
    squares = models.DecimalField(max_digits=28, decimal_places=4)
    products = models.DecimalField(max_digits=28, decimal_places=4)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("as of"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("store", "city_tier", "whole", "category"),
                nulls_distinct=False,
                name="dashboards_preference_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.city_tier} {self.category}"
