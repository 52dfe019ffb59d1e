"""Coupons, their codes, who got one, and for which order it was used.

`granted` and `redeemed` of a coupon are moved by conditional updates in the transaction of the rows they count. A code
stands nowhere in clear: it is found by its blind index, made anew from a random number under the key ring, or, where it
came from elsewhere, opened from its seal.
"""

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Store
from core.models import BlindIndexField, EncryptedTextField
from core.moments import END, FIRST
from loyalty.enums import CodeFault, CodeSource, CouponKind, CouponState, Stacking
from members.models import Member

PURPOSE = "coupon-code"


class Coupon(models.Model):
    """What members can claim. Without `valid_days` a claimed one is good until `ends_at`, which may still move later."""

    name = models.CharField(_("name"), max_length=60)
    terms = models.TextField(_("terms"), max_length=2000, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=CouponKind)
    amount = models.DecimalField(_("amount off, ¥"), max_digits=10, decimal_places=2, null=True)
    percent = models.PositiveSmallIntegerField(_("percent off"), null=True)
    most = models.DecimalField(_("at most, ¥"), max_digits=10, decimal_places=2, null=True)
    gift = models.CharField(_("gift"), max_length=60, blank=True)
    gift_cost = models.DecimalField(_("cost of the gift, ¥"), max_digits=10, decimal_places=2, null=True)
    min_spend = models.DecimalField(_("minimum spend, ¥"), max_digits=10, decimal_places=2, default=0)
    code_source = models.CharField(_("codes"), max_length=10, choices=CodeSource, default=CodeSource.CLAIM)
    stock = models.PositiveIntegerField(_("stock"), null=True)
    per_member = models.PositiveSmallIntegerField(_("per member"), default=1)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    valid_days = models.PositiveSmallIntegerField(_("days after the claim"), null=True)
    stacking = models.CharField(_("with other coupons"), max_length=10, choices=Stacking, default=Stacking.EXCLUSIVE)
    stack_group = models.CharField(_("group"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=CouponState, default=CouponState.DRAFT)
    granted = models.PositiveIntegerField(_("granted"), default=0, editable=False)
    redeemed = models.PositiveIntegerField(_("redeemed"), default=0, editable=False)
    launched_at = models.DateTimeField(_("launched"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("made"), editable=False)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(granted__lte=F("stock")), name="loyalty_coupon_stock"
            ),
            models.CheckConstraint(condition=Q(redeemed__lte=F("granted")), name="loyalty_coupon_redeemed"),
            models.CheckConstraint(condition=Q(per_member__gte=1), name="loyalty_coupon_per_member"),
            models.CheckConstraint(condition=Q(min_spend__gte=0), name="loyalty_coupon_min_spend"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="loyalty_coupon_span"),
            models.CheckConstraint(condition=Q(starts_at__gte=FIRST, ends_at__lt=END), name="loyalty_coupon_years"),
            models.CheckConstraint(
                condition=Q(kind=CouponKind.AMOUNT, amount__gt=0)
                | Q(kind=CouponKind.PERCENT, percent__gte=1, percent__lte=100)
                | (Q(kind=CouponKind.GIFT) & ~Q(gift="")),
                name="loyalty_coupon_benefit",
            ),
            models.CheckConstraint(
                condition=Q(state=CouponState.DRAFT) | Q(launched_at__isnull=False), name="loyalty_coupon_launched"
            ),
        )
        indexes = (models.Index(fields=("ends_at",), condition=Q(state="live"), name="loyalty_coupon_ends"),)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class CouponCode(models.Model):
    """One code made or imported beforehand; free until a grant takes it. `sealed` is empty where we made it."""

    coupon = models.ForeignKey(Coupon, models.PROTECT, db_index=False, related_name="codes", verbose_name=_("coupon"))
    lookup = BlindIndexField(purpose=PURPOSE, unique=True)
    sealed = EncryptedTextField(subject_kind="coupon", subject="coupon_id", null=True)
    taken_at = models.DateTimeField(_("taken"), null=True)

    class Meta:
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        default_permissions = ()
        indexes = (
            models.Index(fields=("coupon", "id"), condition=Q(taken_at__isnull=True), name="loyalty_code_free"),
            models.Index(fields=("coupon", "id"), name="loyalty_code_of"),
        )

    def __str__(self) -> str:
        return f"{self.coupon_id}/{self.pk}"


class CouponGrant(models.Model):
    """One coupon in one member's hands; `ordinal` counts hers. `source_kind` and `source_id` name what gave it."""

    coupon = models.ForeignKey(Coupon, models.PROTECT, db_index=False, related_name="grants", verbose_name=_("coupon"))
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="coupons", verbose_name=_("member"))
    ordinal = models.PositiveSmallIntegerField(_("number of hers"))
    lookup = BlindIndexField(purpose=PURPOSE, unique=True)
    code = models.OneToOneField(CouponCode, models.PROTECT, null=True, related_name="grant", verbose_name=_("code"))
    nonce = models.BigIntegerField(null=True, editable=False)
    key = models.CharField(max_length=80, blank=True)
    source_kind = models.CharField(_("given by"), max_length=20, blank=True)
    source_id = models.BigIntegerField(null=True)
    claimed_at = models.DateTimeField(_("claimed"))
    valid_until = models.DateTimeField(_("valid until"), null=True)
    redeemed_at = models.DateTimeField(_("redeemed"), null=True)
    xid = models.BigIntegerField(db_default=Func(function="timeline_xid"), editable=False)

    class Meta:
        verbose_name = _("coupon of a member")
        verbose_name_plural = _("coupons of members")
        default_permissions = ("view", "add")
        permissions = (("read_code", _("Can read coupon codes")),)
        constraints = (
            models.UniqueConstraint(fields=("coupon", "member", "ordinal"), name="loyalty_grant_ordinal"),
            models.UniqueConstraint(fields=("coupon", "member", "key"), condition=~Q(key=""), name="loyalty_grant_key"),
        )
        indexes = (
            models.Index(fields=("coupon", "-id"), name="loyalty_grant_newest"),
            models.Index(fields=("xid", "id"), name="loyalty_grant_follow"),
            models.Index(
                fields=("source_kind", "source_id"), condition=~Q(source_kind=""), name="loyalty_grant_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.coupon_id}/{self.pk}"


class CouponRedemption(models.Model):
    """A grant used for one order; `released_at` says that the order was given back, and the coupon with it.

    A grant is used by one order at a time, and never again by an order that was given back. `xid` is the transaction that
    wrote it last, so that whoever follows the uses sees one again when it was changed.
    """

    grant = models.ForeignKey(CouponGrant, models.PROTECT, related_name="redemptions", verbose_name=_("coupon"))
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("member")
    )
    order_no = models.CharField(_("order number"), max_length=64)
    amount = models.DecimalField(_("amount of the order"), max_digits=14, decimal_places=2)
    stack_group = models.CharField(_("group"), max_length=20)
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("store")
    )
    redeemed_at = models.DateTimeField(_("redeemed"))
    released_at = models.DateTimeField(_("given back"), null=True)
    xid = models.BigIntegerField(db_default=Func(function="timeline_xid"), editable=False)

    class Meta:
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")
        default_permissions = ("view", "add")
        constraints = (
            models.UniqueConstraint(fields=("grant", "order_no"), name="loyalty_redemption_order"),
            models.UniqueConstraint(
                fields=("grant",), condition=Q(released_at__isnull=True), name="loyalty_redemption_once"
            ),
        )
        indexes = (
            models.Index(fields=("member", "order_no"), name="loyalty_redemption_by_order"),
            models.Index(fields=("xid", "id"), name="loyalty_redemption_follow"),
        )

    def __str__(self) -> str:
        return f"{self.grant_id} {self.order_no}"


class UncreditedCode(models.Model):
    """An order of the timeline whose coupon code led nowhere: counted, not lost."""

    purchase_id = models.BigIntegerField(primary_key=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name=_("member"))
    lookup = BlindIndexField(purpose=PURPOSE)
    fault = models.CharField(_("why"), max_length=8, choices=CodeFault)
    occurred_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("code that led nowhere")
        verbose_name_plural = _("codes that led nowhere")
        default_permissions = ()
        indexes = (models.Index(fields=("-occurred_at",), name="loyalty_uncredited_at"),)

    def __str__(self) -> str:
        return f"{self.purchase_id} {self.fault}"
