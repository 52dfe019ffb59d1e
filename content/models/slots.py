"""The content calendar: what is published when, and where it stands."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from content.enums import ShownOn, SlotState
from content.models.materials import MaterialVersion
from content.models.occasions import Series
from content.models.types import ContentType
from segments.models import Audience

PUBLISHED = (SlotState.PUBLISHED, SlotState.MEASURED)


class Slot(models.Model):
    """One place in the calendar. `source_kind` and `source_id` name the upper thing that owns it ("activity", 12).

    `was_scheduled`: it had all that it needs for the time that it stands at. What was published then is recorded,
    whatever became of its approval meanwhile.
    """

    type = models.ForeignKey(ContentType, models.PROTECT, related_name="slots", verbose_name=_("type"))
    title = models.CharField(_("title"), max_length=120)
    version = models.ForeignKey(
        MaterialVersion, models.PROTECT, null=True, related_name="slots", verbose_name=_("material")
    )
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    planned_at = models.DateTimeField(_("planned for"))
    minutes = models.PositiveSmallIntegerField(_("minutes it takes"), default=30)
    audience = models.ForeignKey(
        Audience, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("audience")
    )
    source_kind = models.CharField(_("belongs to"), max_length=20, blank=True)
    source_id = models.BigIntegerField(null=True)
    series = models.ForeignKey(Series, models.SET_NULL, null=True, related_name="slots", verbose_name=_("series"))
    account = models.CharField(_("account"), max_length=60, blank=True)
    shown_on = models.CharField(_("shown on"), max_length=6, choices=ShownOn, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=SlotState, default=SlotState.DRAFT)
    was_scheduled = models.BooleanField(default=False, editable=False)
    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("published by"))
    link = models.CharField(_("link to what was published"), max_length=1000, blank=True)
    measured_at = models.DateTimeField(_("measured"), null=True)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("slot of the calendar")
        verbose_name_plural = _("slots of the calendar")
        ordering = ("planned_at", "id")
        default_permissions = ("view", "add", "change")
        permissions = (("publish_slot", _("Can confirm that something was published")),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["published", "measured"], published_at__isnull=False, published_by__isnull=False)
                & ~Q(link="")
                | ~Q(state__in=["published", "measured"]) & Q(published_at=None, published_by=None, link=""),
                name="content_slot_published",
            ),
            models.CheckConstraint(
                condition=Q(state="measured", measured_at__isnull=False) | ~Q(state="measured") & Q(measured_at=None),
                name="content_slot_measured",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["in_review", "approved", "scheduled"]) | Q(version__isnull=False),
                name="content_slot_material",
            ),
            models.CheckConstraint(
                condition=Q(source_kind="", source_id=None) | ~Q(source_kind="") & Q(source_id__isnull=False),
                name="content_slot_owned",
            ),
        )
        indexes = (
            models.Index(fields=("planned_at",), name="content_slot_when"),
            models.Index(fields=("source_kind", "source_id"), condition=~Q(source_kind=""), name="content_slot_source"),
            models.Index(
                fields=("planned_at",),
                condition=~Q(state__in=["published", "measured", "missed", "cancelled"]),
                name="content_slot_open",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return self.title
