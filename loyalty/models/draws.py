"""Prizes, and draws with published rules, a committed seed and results that anybody can compute again."""

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.moments import END, FIRST
from loyalty.enums import DrawState, PrizeKind
from members.models import Member


class Prize(models.Model):
    """Something to be won. `reserved` pieces are promised by published draws or already won."""

    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=PrizeKind)
    value = models.DecimalField(_("market value, ¥"), max_digits=10, decimal_places=2)
    cost = models.DecimalField(_("cost, ¥"), max_digits=10, decimal_places=2)
    stock = models.PositiveIntegerField(_("stock"))
    reserved = models.PositiveIntegerField(_("promised"), default=0, editable=False)

    class Meta:
        verbose_name = _("prize")
        verbose_name_plural = _("prizes")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(reserved__lte=F("stock")), name="loyalty_prize_stock"),
            models.CheckConstraint(condition=Q(value__gt=0, cost__gte=0), name="loyalty_prize_worth"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class Draw(models.Model):
    """`seed_hash` is published with the rules; `sealed_seed` opens at the draw, after which `seed` stands in clear.

    `proof` says which parts came out again when the draw was computed last, at `proved_at`. Who asks that it be void says
    why, and what members are to read; it is void when a second person has confirmed that, and the notice is shown then.
    """

    name = models.CharField(_("name"), max_length=60)
    conditions = models.TextField(_("who may take part, and how"), max_length=2000)
    handing_over = models.TextField(_("how prizes are handed over"), max_length=1000)
    organiser = models.CharField(_("organiser and contact"), max_length=200)
    max_chances = models.PositiveSmallIntegerField(_("chances per member"), default=1)
    opens_at = models.DateTimeField(_("entries from"))
    closes_at = models.DateTimeField(_("entries until"))
    draws_at = models.DateTimeField(_("drawn at"))
    source_kind = models.CharField(_("belongs to"), max_length=20, blank=True)
    source_id = models.BigIntegerField(null=True)
    state = models.CharField(_("state"), max_length=10, choices=DrawState, default=DrawState.DRAFT)
    prizes_hash = models.CharField(_("fingerprint of the prizes"), max_length=64, blank=True, editable=False)
    seed_hash = models.CharField(_("fingerprint of the seed"), max_length=64, blank=True, editable=False)
    sealed_seed = models.BinaryField(null=True, editable=False)
    seed = models.CharField(_("seed"), max_length=64, blank=True, editable=False)
    entries_hash = models.CharField(_("fingerprint of the entries"), max_length=64, blank=True, editable=False)
    entries_count = models.PositiveIntegerField(_("entries"), null=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    drawn_at = models.DateTimeField(_("drawn"), null=True, editable=False)
    proof = models.JSONField(_("proof"), default=dict, editable=False)
    proved_at = models.DateTimeField(_("computed again"), null=True, editable=False)
    void_reason = models.CharField(_("why it is to be void"), max_length=300, blank=True, editable=False)
    void_notice = models.TextField(_("notice to members"), max_length=1000, blank=True, editable=False)
    void_asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("asked by"), editable=False
    )
    void_asked_at = models.DateTimeField(_("asked"), null=True, editable=False)
    voided_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("made void by"),
        editable=False,
    )
    voided_at = models.DateTimeField(_("made void"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("made"), editable=False)

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        ordering = ("-id",)
        permissions = (("run_draw", _("Can run draws")), ("void_draw", _("Can confirm that draws are void")))
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at"), draws_at__gte=F("closes_at")), name="loyalty_draw_order"
            ),
            models.CheckConstraint(condition=Q(opens_at__gte=FIRST, draws_at__lt=END), name="loyalty_draw_years"),
            models.CheckConstraint(condition=Q(max_chances__gte=1), name="loyalty_draw_chances"),
            models.CheckConstraint(
                condition=Q(state=DrawState.DRAFT) | (~Q(seed_hash="") & Q(published_at__isnull=False)),
                name="loyalty_draw_committed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(DrawState.DRAWN, DrawState.EMPTY))
                | (~Q(seed="") & ~Q(entries_hash="") & Q(drawn_at__isnull=False)),
                name="loyalty_draw_revealed",
            ),
            models.CheckConstraint(
                condition=Q(void_reason="", void_notice="", void_asked_by=None, void_asked_at=None)
                | (
                    ~Q(void_reason="")
                    & ~Q(void_notice="")
                    & Q(void_asked_by__isnull=False, void_asked_at__isnull=False)
                ),
                name="loyalty_draw_void_asked",
            ),
            models.CheckConstraint(
                condition=(~Q(state=DrawState.VOIDED) & Q(voided_by=None, voided_at=None))
                | Q(state=DrawState.VOIDED, voided_by__isnull=False, voided_at__isnull=False),
                name="loyalty_draw_voided",
            ),
            models.CheckConstraint(
                condition=Q(voided_by=None) | (Q(void_asked_by__isnull=False) & ~Q(voided_by=F("void_asked_by"))),
                name="loyalty_draw_four_eyes",
            ),
        )
        indexes = (
            models.Index(fields=("draws_at",), condition=Q(state="published"), name="loyalty_draw_due"),
            models.Index(fields=("source_kind", "source_id"), condition=~Q(source_kind=""), name="loyalty_draw_source"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return self.name


class DrawPrize(models.Model):
    """How many of a prize a draw gives, in which order. Name, kind and value are those that were published."""

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="prizes", verbose_name=_("draw"))
    prize = models.ForeignKey(Prize, models.PROTECT, related_name="+", verbose_name=_("prize"))
    position = models.PositiveSmallIntegerField(_("order"))
    quantity = models.PositiveIntegerField(_("pieces"))
    name = models.CharField(_("name"), max_length=60, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=PrizeKind, blank=True, editable=False)
    value = models.DecimalField(_("market value, ¥"), max_digits=10, decimal_places=2, null=True, editable=False)

    class Meta:
        verbose_name = _("prize of a draw")
        verbose_name_plural = _("prizes of a draw")
        default_permissions = ()
        ordering = ("draw", "position")
        constraints = (
            models.UniqueConstraint(fields=("draw", "position"), name="loyalty_drawprize_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="loyalty_drawprize_quantity"),
        )

    def __str__(self) -> str:
        return f"{self.prize_id} × {self.quantity}"


class DrawEntry(models.Model):
    """One chance. `participant` is the number of her first entry: it tells who is the same, not who it is."""

    draw = models.ForeignKey(Draw, models.PROTECT, db_index=False, related_name="entries", verbose_name=_("draw"))
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="draw_entries", verbose_name=_("member")
    )
    participant = models.BigIntegerField(_("participant"))
    ordinal = models.PositiveSmallIntegerField(_("number of hers"))
    reason = models.CharField(_("chance for"), max_length=80)
    entered_at = models.DateTimeField(_("entered"))
    xid = models.BigIntegerField(db_default=Func(function="timeline_xid"), editable=False)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        default_permissions = ("view", "add")
        constraints = (
            models.UniqueConstraint(fields=("draw", "member", "ordinal"), name="loyalty_entry_ordinal"),
            models.UniqueConstraint(fields=("draw", "member", "reason"), name="loyalty_entry_reason"),
        )
        indexes = (
            models.Index(fields=("draw", "id"), name="loyalty_entry_order"),
            models.Index(fields=("xid", "id"), name="loyalty_entry_follow"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class DrawWinner(models.Model):
    """One prize won by one entry; written once, by the draw."""

    draw = models.ForeignKey(Draw, models.PROTECT, db_index=False, related_name="winners", verbose_name=_("draw"))
    place = models.PositiveIntegerField(_("place"))
    entry = models.OneToOneField(DrawEntry, models.PROTECT, related_name="+", verbose_name=_("entry"))
    prize = models.ForeignKey(Prize, models.PROTECT, related_name="+", verbose_name=_("prize"))

    class Meta:
        verbose_name = _("winner")
        verbose_name_plural = _("winners")
        default_permissions = ()
        ordering = ("draw", "place")
        constraints = (models.UniqueConstraint(fields=("draw", "place"), name="loyalty_winner_place"),)

    def __str__(self) -> str:
        return f"{self.draw_id}/{self.place}"
