"""A corp that we are connected to, and the apps by whose secrets we speak for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import EncryptedTextField
from wecom.enums import AppKind

API_HOST = "https://qyapi.weixin.qq.com"
SUBJECT = "wecom_app"


class Corp(models.Model):
    """`base_url` is WeCom's own unless a simulator speaks for the corp."""

    corpid = models.CharField(_("corp ID"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=80)
    base_url = models.CharField(_("address of the API"), max_length=200, default=API_HOST)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("corp")
        verbose_name_plural = _("corps")
        ordering = ("name", "id")
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class CorpApp(models.Model):
    """An app of a corp: its secret opens the API, its token and key prove what calls our callback address.

    All three are sealed under a key of the app; one that is empty was not given.
    """

    corp = models.ForeignKey(Corp, models.PROTECT, related_name="apps", verbose_name=_("corp"))
    kind = models.CharField(_("kind"), max_length=10, choices=AppKind.choices)
    name = models.CharField(_("name"), max_length=80)
    agentid = models.BigIntegerField(_("AgentId"), null=True, blank=True)
    secret = EncryptedTextField(_("Secret"), subject_kind=SUBJECT, subject="id", null=True)
    callback_token = EncryptedTextField(_("Token"), subject_kind=SUBJECT, subject="id", null=True)
    callback_aes_key = EncryptedTextField(_("EncodingAESKey"), subject_kind=SUBJECT, subject="id", null=True)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("WeCom app")
        verbose_name_plural = _("WeCom apps")
        ordering = ("corp_id", "kind", "id")
        default_permissions = ("add", "change", "view")
        constraints = (
            models.UniqueConstraint(fields=("corp", "kind", "name"), name="wecom_app_once"),
            models.CheckConstraint(
                condition=Q(callback_token=None, callback_aes_key=None)
                | Q(callback_token__isnull=False, callback_aes_key__isnull=False),
                name="wecom_callback_whole",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name
