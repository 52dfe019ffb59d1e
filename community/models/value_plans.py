"""What a group is promised: which kind of content on which weekday at which hour."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.models.groups import Group
from content.models import ContentType

#: The `source_kind` of the slots that keep a promise.
SOURCE_KIND = "value_plan"


class ValuePlan(models.Model):
    """One promise, kept by slots of the calendar that belong to it (`source_kind`, `source_id`). Monday is 0."""

    group = models.ForeignKey(
        Group, models.PROTECT, db_index=False, related_name="value_plans", verbose_name=_("group")
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    time = models.TimeField(_("time"))
    type = models.ForeignKey(ContentType, models.PROTECT, related_name="+", verbose_name=_("type of content"))
    title = models.CharField(_("title"), max_length=60)
    begins_on = models.DateField(pgettext_lazy("value plan", "from"))
    ended_on = models.DateField(pgettext_lazy("value plan", "until"), null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("value plan")
        verbose_name_plural = _("value plans")
        default_permissions = ("view", "change")
        ordering = ("weekday", "time", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "weekday", "time"), condition=Q(ended_on=None), name="community_value_plan_once"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="community_value_plan_weekday"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("begins_on")), name="community_value_plan_span"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return self.title
