"""Saved audiences: a nested filter of members with a name, and how many it found day by day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Text
from core.registries import Registry
from segments.enums import AudienceState


class Audience(models.Model):
    """`rule` is a tree as `rules.audience_tree` writes it; `size` counts everybody who matched when it was refreshed.

    `counting_since` is set while a worker is to count it, because it takes longer than a page waits.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    rule = models.JSONField(_("rule"))
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="audiences", verbose_name=_("owner")
    )
    state = models.CharField(_("state"), max_length=8, choices=AudienceState, default=AudienceState.ACTIVE)
    version = models.PositiveIntegerField(default=1, editable=False)
    size = models.BigIntegerField(_("size"), null=True, editable=False)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, editable=False)
    counting_since = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == AudienceState.ACTIVE


class AudienceSize(models.Model):
    """How many were in an audience at its last refresh of a local day."""

    audience = models.ForeignKey(Audience, models.CASCADE, related_name="sizes", verbose_name=_("audience"))
    day = models.DateField(_("day"))
    size = models.BigIntegerField(_("size"))

    class Meta:
        verbose_name = _("size of an audience")
        verbose_name_plural = _("sizes of audiences")
        constraints = (models.UniqueConstraint(fields=("audience", "day"), name="segments_audience_day"),)

    def __str__(self) -> str:
        return f"{self.audience_id} {self.day}: {self.size}"


@dataclass(frozen=True)
class Use:
    """One thing that depends on an audience: what it is called, where it is looked at, what kind of thing it is."""

    label: str
    url: str
    kind: Text


@dataclass(frozen=True, kw_only=True)
class AudienceUse:
    """Where an app is asked what depends on audiences: numbers of audiences → their uses, in a fixed number of queries."""

    code: str
    find: Callable[[Sequence[int]], Mapping[int, Sequence[Use]]]
    order: int = 100


audience_uses: Registry[AudienceUse] = Registry("uses of audiences")
