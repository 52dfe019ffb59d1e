"""Facts, append-only and partitioned by month of `occurred_at`.

The tables are made by hand in `0002_tables`: the table's own key starts with the member (the distribution key of a
cluster) and holds the partition column; `id` comes from one sequence over all partitions. References carry no
database constraint, because a fact outlives what it refers to. `xid` is the writer's transaction number
(`timeline_xid()`), which followers read in order below `timeline_horizon()`.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Store
from members.models import Member
from timeline.enums import InteractionKind, PurchaseKind
from timeline.models.product import Product


class Fact(models.Model):
    """What every fact has."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name=_("member")
    )
    occurred_at = models.DateTimeField(_("when"))
    received_at = models.DateTimeField(_("received"), db_default=Now())
    source = models.CharField(_("source"), max_length=40)
    xid = models.BigIntegerField(editable=False)

    class Meta:
        abstract = True


class Purchase(Fact):
    """The header of an order, or of the refund of one (negative amount, at the refund's own date)."""

    order_no = models.CharField(_("order number"), max_length=64)
    kind = models.CharField(_("kind"), max_length=8, choices=PurchaseKind)
    amount = models.DecimalField(_("net amount"), max_digits=14, decimal_places=2)
    sold = models.BooleanField(_("sold"), help_text=_("At least one line with a positive quantity."))
    store = models.ForeignKey(
        Store,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("store"),
    )
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    coupon_code = models.CharField(_("coupon code"), max_length=64, blank=True)
    referral_code = models.CharField(_("referral code"), max_length=64, blank=True)

    class Meta:
        db_table = "timeline_purchase"
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")

    def __str__(self) -> str:
        return self.order_no


class PurchaseLine(models.Model):
    """One line of an order, never changed; `occurred_at` is the order's, `line_at` its own."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    purchase_id = models.BigIntegerField()
    occurred_at = models.DateTimeField(_("when"))
    line_key = models.UUIDField(editable=False)
    line_at = models.DateTimeField(_("time of the line"))
    product = models.ForeignKey(
        Product, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", verbose_name=_("product")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        db_table = "timeline_purchaseline"
        verbose_name = _("line of a purchase")
        verbose_name_plural = _("lines of purchases")

    def __str__(self) -> str:
        return f"{self.purchase_id}/{self.pk}"


class Interaction(Fact):
    """Something that a member did, other than buying."""

    kind = models.CharField(_("kind"), max_length=20, choices=InteractionKind)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    subject = models.CharField(_("what"), max_length=200, blank=True, help_text=_("Page, product, material or code."))
    store = models.ForeignKey(
        Store,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("store"),
    )
    properties = models.JSONField(_("properties"), null=True)

    class Meta:
        db_table = "timeline_interaction"
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()


class Touch(Fact):
    """Where a member came from: campaign parameters, a code, an inviter."""

    channel = models.CharField(_("channel"), max_length=40, blank=True)
    utm_source = models.CharField(max_length=100, blank=True)
    utm_medium = models.CharField(max_length=100, blank=True)
    utm_campaign = models.CharField(max_length=100, blank=True)
    utm_content = models.CharField(max_length=100, blank=True)
    utm_term = models.CharField(max_length=100, blank=True)
    code = models.CharField(_("code"), max_length=64, blank=True)
    inviter = models.ForeignKey(
        Member,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("inviter"),
    )

    class Meta:
        db_table = "timeline_touch"
        verbose_name = _("touch")
        verbose_name_plural = _("touches")

    def __str__(self) -> str:
        return self.code or self.utm_campaign or self.source
