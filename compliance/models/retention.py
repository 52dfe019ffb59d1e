"""How long what is kept, what each purge did, and who is exempt because a law or a court says so."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import keep_history
from members.models import Member


@keep_history(fields=["days", "is_active"])
class RetentionRule(models.Model):
    """One kind of data (a registered `Purge`) and for how many days it is kept. Each change is recorded with its reason."""

    code = models.CharField(_("data"), max_length=40, primary_key=True)
    days = models.PositiveIntegerField(_("kept for days"), validators=[MinValueValidator(1), MaxValueValidator(36_500)])
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        default_permissions = ("view", "change")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code

    @property
    def audit_label(self) -> str:
        return self.code


class RetentionRun(models.Model):
    """One purge of one rule: the report of the night."""

    code = models.CharField(_("data"), max_length=40)
    before = models.DateTimeField(_("older than"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    rows = models.BigIntegerField(_("rows"), default=0)
    held = models.BigIntegerField(_("kept by a legal hold"), default=0)

    class Meta:
        verbose_name = _("purge")
        verbose_name_plural = _("purges")
        default_permissions = ("view",)
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.code} {self.started_at:%Y-%m-%d}"


@keep_history(fields=["lifted_at"])
class LegalHold(models.Model):
    """Her data must stay although she or the calendar says otherwise (PIPL 47 ¶2): stored only, until it is lifted."""

    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    reason = models.CharField(_("why"), max_length=300)
    since = models.DateTimeField(_("since"), db_default=Now())
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+")
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        default_permissions = ("view", "add", "change")
        constraints = (
            models.UniqueConstraint(fields=("member",), condition=Q(lifted_at=None), name="compliance_hold_once"),
        )

    def __str__(self) -> str:
        return f"#{self.member_id}"
