"""The token by which every process speaks for an app, and the calls that the platform has stopped for a while."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import EncryptedTextField
from wecom.models.corps import SUBJECT, Corp, CorpApp


class AccessToken(models.Model):
    """One for each app; `version` counts the tokens, so that whoever failed with one drops that one and no newer.

    `refused_until`: the platform refused the secret itself. It blocks the address of whoever asks on and on with a
    wrong one, so nobody asks before then, unless the secret is changed.
    """

    app = models.OneToOneField(CorpApp, models.CASCADE, primary_key=True, related_name="access", verbose_name=_("app"))
    token = EncryptedTextField(_("token"), subject_kind=SUBJECT, subject="app_id", null=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    version = models.PositiveBigIntegerField(_("version"), default=0)
    refused_code = models.IntegerField(_("refused with"), default=0)
    refused_until = models.DateTimeField(_("not asked again until"), null=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.app_id}/{self.version}"


class ApiBlock(models.Model):
    """An operation that the platform stopped for a corp because it was called too often.

    The answer does not say which of its windows was hit. `level` is the one that we assume: 60 seconds, and where the
    first call after that is refused too, an hour, the rest of the day, 30 days.
    """

    corp = models.ForeignKey(Corp, models.CASCADE, related_name="blocks", verbose_name=_("corp"))
    api = models.CharField(_("operation"), max_length=120)
    errcode = models.IntegerField(_("error code"))
    level = models.PositiveSmallIntegerField(_("level"))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("blocked operation")
        verbose_name_plural = _("blocked operations")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("corp", "api"), name="wecom_block_once"),)

    def __str__(self) -> str:
        return self.api
