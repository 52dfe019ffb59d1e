"""The material library: things to publish, in versions that never change."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from content.enums import MaterialKind


class Material(models.Model):
    """One thing to publish; what it says stands in its versions."""

    title = models.CharField(_("title"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=MaterialKind)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    is_archived = models.BooleanField(_("archived"), default=False)
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ("-changed_at", "-id")
        default_permissions = ("view", "add", "change")

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return self.title


class MaterialVersion(models.Model):
    """What a material says and shows, once and for all; `digest` is the SHA-256 of exactly that.

    `file_digest` names the file in the store by what is in it: the same file is kept once.
    """

    material = models.ForeignKey(Material, models.PROTECT, related_name="versions", verbose_name=_("material"))
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), blank=True)
    link = models.CharField(_("link"), max_length=1000, blank=True)
    app_id = models.CharField(_("mini program"), max_length=40, blank=True)
    app_path = models.CharField(_("page of the mini program"), max_length=300, blank=True)
    file_digest = models.CharField(_("fingerprint of the file"), max_length=64, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    file_type = models.CharField(_("kind of file"), max_length=80, blank=True)
    file_size = models.BigIntegerField(_("size"), default=0)
    digest = models.CharField(_("fingerprint"), max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("version of a material")
        verbose_name_plural = _("versions of materials")
        ordering = ("material", "-number")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("material", "number"), name="content_version_once"),)

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def audit_label(self) -> str:
        return str(self)
