"""The ledger of KOC: rules, orders that earn a share, transactions whose entries sum to zero, pay-outs.

Transactions and entries are written once (migration 0031): the database checks that each transaction is balanced, that
no entry joins it later, and keeps `LedgerBalance` with them. They lead to a KOC, never to a member, so they outlive her.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.enums.ledger import Book, Booking, LineState, PayoutState, Way
from community.models.koc import Koc
from community.models.work import Delivery, OfVisibleKoc
from core.models import Xid8Field
from members.models import Member


class ShareRule(models.Model):
    """What a KOC gets of an order from `valid_from` on. Never changed: a later rule follows, for later orders.

    `rate` is a share from 0 to 1 of what was paid net of refunds; the caps are per order and per KOC and month.
    """

    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4)
    order_cap = models.DecimalField(_("at most per order, ¥"), max_digits=14, decimal_places=2, null=True)
    month_cap = models.DecimalField(_("at most per month, ¥"), max_digits=14, decimal_places=2, null=True)
    return_days = models.PositiveSmallIntegerField(_("return window, days"), default=15)
    inviter_days = models.PositiveSmallIntegerField(_("days after an invitation"), default=30)
    valid_from = models.DateTimeField(_("valid from"), unique=True)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("rule of the revenue share")
        verbose_name_plural = _("rules of the revenue share")
        default_permissions = ("view", "add")
        ordering = ("-valid_from",)
        constraints = (
            models.CheckConstraint(condition=Q(rate__gt=0, rate__lte=1), name="community_sharerule_rate"),
            models.CheckConstraint(
                condition=(Q(order_cap=None) | Q(order_cap__gt=0)) & (Q(month_cap=None) | Q(month_cap__gt=0)),
                name="community_sharerule_caps",
            ),
            models.CheckConstraint(
                condition=Q(return_days__lte=180, inviter_days__lte=365), name="community_sharerule_days"
            ),
            models.CheckConstraint(condition=Q(valid_from__gte=F("made_at")), name="community_sharerule_ahead"),
        )

    def __str__(self) -> str:
        return f"{self.rate} {self.valid_from:%Y-%m-%d}"

    @property
    def audit_label(self) -> str:
        return f"{self.rate.normalize():f}"


class ShareOrder(models.Model):
    """One order of the timeline that earns one KOC a share: the key makes a second KOC impossible.

    `koc`, `way` and `rule` are decided once; `amount`, `refunded` (not positive) and with them `share` follow the facts.
    `koc` holds it: another one than `decided_for`, whose cap of the month it takes up, where both turned out to be one.
    `is_own`: so did the buyer; nothing of it is earned beyond what was settled before.
    `settled` is the part of `share` whose return window is over; `step` counts what was booked for it.
    """

    purchase_id = models.BigIntegerField(primary_key=True)
    koc = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="share_orders", verbose_name=_("KOC"))
    decided_for = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="+")
    member = models.ForeignKey(Member, models.DO_NOTHING, db_constraint=False, related_name="+")
    order_no = models.CharField(_("order number"), max_length=64)
    source = models.CharField(_("source"), max_length=40)
    way = models.CharField(_("how"), max_length=8, choices=Way)
    rule = models.ForeignKey(ShareRule, models.PROTECT, db_index=False, related_name="+", verbose_name=_("rule"))
    occurred_at = models.DateTimeField(_("when"))
    month = models.DateField(_("month"))
    due_at = models.DateTimeField(_("return window ends"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    refunded = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0)
    share = models.DecimalField(_("share"), max_digits=14, decimal_places=2, default=0)
    settled = models.DecimalField(_("settled"), max_digits=14, decimal_places=2, default=0)
    step = models.PositiveIntegerField(default=0)
    is_own = models.BooleanField(default=False)

    objects = OfVisibleKoc.as_manager()

    class Meta:
        verbose_name = _("shared order")
        verbose_name_plural = _("shared orders")
        default_permissions = ("view",)
        constraints = (
            models.CheckConstraint(condition=Q(refunded__lte=0), name="community_shareorder_refunded"),
            models.CheckConstraint(
                condition=Q(settled__gte=0, share__gte=F("settled")), name="community_shareorder_settled"
            ),
        )
        indexes = (
            models.Index(fields=("koc", "-purchase_id"), name="community_shareorder_of"),
            models.Index(fields=("decided_for", "month", "purchase_id"), name="community_shareorder_month"),
            models.Index(fields=("due_at",), condition=Q(settled__lt=F("share")), name="community_shareorder_due"),
        )

    def __str__(self) -> str:
        return self.order_no


class Payout(models.Model):
    """A run of pay-outs: amounts fixed by one person, confirmed as paid by another. `total` is the sum of its lines."""

    state = models.CharField(_("state"), max_length=9, choices=PayoutState, default=PayoutState.OPEN)
    total = models.DecimalField(_("total, ¥"), max_digits=14, decimal_places=2)
    lines_count = models.PositiveIntegerField(_("KOC in it"))
    made_by = models.ForeignKey(User, models.PROTECT, db_index=False, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made"))
    reference = models.CharField(_("reference of the payment"), max_length=80, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("confirmed by")
    )
    closed_at = models.DateTimeField(_("confirmed"), null=True)

    class Meta:
        verbose_name = _("pay-out")
        verbose_name_plural = _("pay-outs")
        default_permissions = ("view", "add")
        permissions = (
            ("confirm_payout", _("Can confirm pay-outs")),
            ("export_payout", _("Can export pay-outs")),
            ("correct_ledger", _("Can correct the ledger")),
        )
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=PayoutState.PAID) | (Q(closed_by__isnull=False) & ~Q(closed_by=F("made_by"))),
                name="community_payout_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state=PayoutState.OPEN, closed_at=None)
                | (~Q(state=PayoutState.OPEN) & Q(closed_at__isnull=False)),
                name="community_payout_closed",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def audit_label(self) -> str:
        return str(self)


class PayoutLine(models.Model):
    """One KOC in a pay-out: `payable` was due, `offset` of it went against what she had to give back, `amount` is paid."""

    payout = models.ForeignKey(Payout, models.PROTECT, db_index=False, related_name="lines", verbose_name=_("pay-out"))
    koc = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="+", verbose_name=_("KOC"))
    payable = models.DecimalField(_("to be paid"), max_digits=14, decimal_places=2)
    offset = models.DecimalField(_("taken back of it"), max_digits=14, decimal_places=2)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    state = models.CharField(_("state"), max_length=4, choices=LineState, default=LineState.OPEN)

    objects = OfVisibleKoc.as_manager()

    class Meta:
        verbose_name = _("line of a pay-out")
        verbose_name_plural = _("lines of pay-outs")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("payout", "koc"), name="community_payoutline_once"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, offset__gte=0, payable=F("amount") + F("offset")),
                name="community_payoutline_sum",
            ),
        )
        indexes = (models.Index(fields=("koc", "-id"), name="community_payoutline_of"),)

    def __str__(self) -> str:
        return f"{self.payout_id}/{self.koc_id}"


class LedgerTransaction(models.Model):
    """One booking for one KOC. `key` makes it once: an order and its step, a delivery, a pay-out and its KOC."""

    kind = models.CharField(_("what"), max_length=9, choices=Booking)
    koc = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="+", verbose_name=_("KOC"))
    key = models.CharField(max_length=60, unique=True)
    purchase_id = models.BigIntegerField(null=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, db_index=False, related_name="+")
    payout = models.ForeignKey(Payout, models.PROTECT, null=True, db_index=False, related_name="+")
    by = models.ForeignKey(
        User,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("booked by"),
    )
    at = models.DateTimeField(_("when"))
    booked_at = models.DateTimeField(_("booked"), db_default=Now(), editable=False)
    xid = Xid8Field()

    objects = OfVisibleKoc.as_manager()

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=("koc", "-id"), name="community_ledger_of"),
            models.Index(
                fields=("purchase_id",), condition=Q(purchase_id__isnull=False), name="community_ledger_order"
            ),
        )

    def __str__(self) -> str:
        return self.key


class LedgerEntry(models.Model):
    """One side of a transaction."""

    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, db_index=False, related_name="entries")
    koc = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="+", verbose_name=_("KOC"))
    book = models.CharField(_("where"), max_length=9, choices=Book)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("transaction", "book"), name="community_entry_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="community_entry_amount"),
        )

    def __str__(self) -> str:
        return f"{self.book} {self.amount}"


class LedgerBalance(models.Model):
    """What the entries of a KOC sum up to in one book; written by the database with every entry, by nobody else.

    The check is what makes paying twice impossible: a second booking would leave the book below nothing.
    """

    pk = models.CompositePrimaryKey("koc_id", "book")
    koc = models.ForeignKey(Koc, models.PROTECT, db_index=False, related_name="balances", verbose_name=_("KOC"))
    book = models.CharField(_("where"), max_length=9, choices=Book)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(book=Book.CLAW_BACK, amount__lte=0)
                | Q(book=Book.COST)
                | (~Q(book__in=(Book.CLAW_BACK, Book.COST)) & Q(amount__gte=0)),
                name="community_balance_side",
            ),
        )
        indexes = (models.Index(fields=("book", "koc"), condition=~Q(amount=0), name="community_balance_open"),)

    def __str__(self) -> str:
        return f"{self.koc_id} {self.book} {self.amount}"
