"""What whoever looks after a member has followed up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dashboards.enums import FollowUpKind
from members.models import Member


class FollowUp(models.Model):
    """Somebody saw to a member for one reason; `about` is the day that the reason is about, so each counts once."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("member")
    )
    kind = models.CharField(_("why"), max_length=10, choices=FollowUpKind)
    about = models.DateField(_("about"))
    by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), db_index=True)

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        default_permissions = ("add",)
        constraints = (models.UniqueConstraint(fields=("member", "kind", "about"), name="dashboards_follow_up_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"
