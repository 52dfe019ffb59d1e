"""What a brand may set of prizes; the defaults are those of the law and of the house."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

#: ¥, for the highest prize of a draw.
LEGAL_CAP = 50_000


class OfferSettings(models.Model):
    """One row. Each change is recorded with its reason."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    prize_cap = models.DecimalField(
        _("highest value of a prize, ¥"),
        max_digits=10,
        decimal_places=2,
        default=LEGAL_CAP,
        validators=[MinValueValidator(1), MaxValueValidator(LEGAL_CAP, _("The law allows ¥50,000 at most."))],
        help_text=_("Anti-Unfair Competition Law: the highest prize of a draw is worth at most ¥50,000."),
    )
    virtual_share = models.PositiveSmallIntegerField(
        _("share of virtual prizes, %"), default=30, validators=[MaxValueValidator(100)]
    )
    mix_tolerance = models.PositiveSmallIntegerField(
        _("tolerance, points"), default=10, validators=[MaxValueValidator(50)]
    )

    class Meta:
        verbose_name = _("settings of offers")
        verbose_name_plural = _("settings of offers")
        default_permissions = ("view", "change")
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="loyalty_settings_one_row"),
            models.CheckConstraint(condition=Q(prize_cap__lte=LEGAL_CAP), name="loyalty_settings_lawful"),
        )

    def __str__(self) -> str:
        return str(_("Settings of offers"))

    @property
    def audit_label(self) -> str:
        return str(self)
