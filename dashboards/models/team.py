"""What came of the members of each store and guide."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Store, User


class TeamFigures(models.Model):
    """Sums over the members of one home store and guide, as of the end of `day`; those of a store or a guide add up.

    Windows are the `window_days` local days up to `day`. Retention: of those whose 36th day after registration lies in
    the window (`joined_then`), who did something on day 30 to 36 (`retained`). Repurchase: of those with an order in
    the 365 days before the window (`bought_before`), who ordered in it (`bought_again`). `gmv`: orders, before refunds.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField(_("as of"))
    window_days = models.PositiveSmallIntegerField(_("days"))
    store = models.ForeignKey(
        Store, models.CASCADE, null=True, db_index=False, related_name="+", verbose_name=_("store")
    )
    guide = models.ForeignKey(
        User, models.CASCADE, null=True, db_index=False, related_name="+", verbose_name=_("guide")
    )
    members = models.IntegerField(_("members"))
    joined_then = models.IntegerField()
    retained = models.IntegerField()
    bought_before = models.IntegerField()
    bought_again = models.IntegerField()
    gmv = models.DecimalField(_("GMV (¥)"), max_digits=16, decimal_places=2)
    interactions = models.BigIntegerField(_("interactions"))
    joined = models.IntegerField(_("new members"))
    follow_ups = models.IntegerField(_("follow-ups"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("team figures")
        verbose_name_plural = _("team figures")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("day", "store", "guide"), nulls_distinct=False, name="dashboards_team_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.store_id}/{self.guide_id}"
