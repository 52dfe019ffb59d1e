"""An activity that was planned from a festival's template."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.activities import Activity
from content.models import FestivalTemplate


class FestivalPlan(models.Model):
    """`slots` are those that the template laid for that year; a template is laid once a year.

    The plan of an activity that was cancelled goes to the next one.
    """

    activity = models.OneToOneField(Activity, models.CASCADE, related_name="festival_plan", verbose_name=_("activity"))
    template = models.ForeignKey(FestivalTemplate, models.PROTECT, related_name="+", verbose_name=_("template"))
    year = models.PositiveSmallIntegerField(_("year"))
    slots = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("template", "year"), name="campaigns_festival_once"),)

    def __str__(self) -> str:
        return f"{self.template_id} {self.year}"
