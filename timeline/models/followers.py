"""Who follows the facts, how far they came, and whom they must read again."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.models import Member


class Cursor(models.Model):
    """How far one consumer has followed one table; moved in the transaction of its effect."""

    consumer = models.CharField(_("consumer"), max_length=60, primary_key=True)
    xid = models.BigIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(_("moved"), db_default=Now())

    class Meta:
        verbose_name = _("cursor")
        verbose_name_plural = _("cursors")

    def __str__(self) -> str:
        return self.consumer


class Rebuild(models.Model):
    """A member whose stored facts changed their time or owner: followers recompute instead of adding."""

    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, related_name="+")
    reason = models.CharField(max_length=40)
    xid = models.BigIntegerField(editable=False)

    class Meta:
        db_table = "timeline_rebuild"

    def __str__(self) -> str:
        return f"{self.member_id}: {self.reason}"
