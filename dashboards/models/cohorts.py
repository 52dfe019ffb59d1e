"""What became of those who began together."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Store
from dashboards.enums import CohortKind


class CohortCount(models.Model):
    """Of the members of one home store who began in `cohort` (a month's first day, or a day), those there at a step.

    Step 0 holds all of them. By the first order, a step is a month: who ordered in it, and what all of them brought
    (`amount`). By registration it is 30 days: who had a fact in its first seven, days 30 to 36 at step 1. Counted anew
    each night, as of the end of `day`; those of several stores add up. No personal data.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=CohortKind)
    cohort = models.DateField()
    store = models.ForeignKey(Store, models.CASCADE, null=True, db_index=False, related_name="+")
    step = models.PositiveSmallIntegerField()
    members = models.IntegerField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    day = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "store", "cohort", "step"), nulls_distinct=False, name="dashboards_cohort_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.cohort} +{self.step} {self.store_id}"
