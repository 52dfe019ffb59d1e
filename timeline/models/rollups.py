"""Sums per member and local day, so that a window of days is a small sum."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member
from timeline.enums import InteractionKind


class PurchaseDay(models.Model):
    pk = models.CompositePrimaryKey("member_id", "day")
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField(_("day"))
    orders = models.IntegerField(_("orders"))
    coupon_orders = models.IntegerField(_("orders with a coupon"))
    amount = models.DecimalField(_("net amount"), max_digits=14, decimal_places=2)

    class Meta:
        indexes = (models.Index(fields=("day",), name="timeline_purchaseday_day"),)

    def __str__(self) -> str:
        return f"{self.member_id} {self.day}"


class InteractionDay(models.Model):
    pk = models.CompositePrimaryKey("member_id", "day", "kind")
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=20, choices=InteractionKind)
    count = models.IntegerField(_("times"))

    class Meta:
        indexes = (models.Index(fields=("day",), name="timeline_interactday_day"),)

    def __str__(self) -> str:
        return f"{self.member_id} {self.day} {self.kind}"
