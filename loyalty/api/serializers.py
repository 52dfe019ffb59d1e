"""Bodies of offers, as sent and as answered."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.callers import sees_everybody
from core.api.fields import AmountField, CodeField, StrictSerializer
from loyalty.enums import CouponKind, CouponState, DrawState, PrizeKind
from loyalty.models import Coupon, Draw
from members.api.references import MemberReferenceField

SUMS = ("granted", "redeemed", "left")
MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2}


class CouponSerializer(serializers.ModelSerializer[Coupon]):
    """The rules of a coupon, and how many pieces are left (null: no limit).

    `granted`, `redeemed` and `left` are sums of everybody: null for keys that are held to stores.
    """

    kind = serializers.ChoiceField(choices=CouponKind.choices)
    state = serializers.ChoiceField(choices=CouponState.choices)
    granted = serializers.IntegerField(allow_null=True, read_only=True)
    redeemed = serializers.IntegerField(allow_null=True, read_only=True)
    left = serializers.SerializerMethodField()

    class Meta:
        model = Coupon
        fields = (
            *("id", "name", "terms", "kind", "amount", "percent", "most", "gift", "min_spend", "per_member"),
            *("starts_at", "ends_at", "valid_days", "stacking", "stack_group", "state"),
            *("stock", "granted", "redeemed", "left"),
        )
        read_only_fields = fields

    def get_left(self, coupon: Coupon) -> int | None:
        return None if coupon.stock is None else coupon.stock - coupon.granted

    def to_representation(self, coupon: Coupon) -> dict[str, Any]:
        body = super().to_representation(coupon)
        return body if sees_everybody(self.context["request"]) else {**body, **dict.fromkeys(SUMS)}


class ClaimIn(StrictSerializer):
    member = MemberReferenceField()
    key = CodeField(
        max_length=80,
        required=False,
        help_text=_("The same key for the same member gives the same coupon again, for ever."),
    )


class ClaimOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    coupon = serializers.IntegerField()
    code = serializers.CharField(help_text=_("In clear: it is hers."))
    valid_until = serializers.DateTimeField()
    new = serializers.BooleanField()


class RedeemIn(StrictSerializer):
    code = CodeField()
    member = MemberReferenceField(required=False, help_text=_("Needed for a printed code that nobody has claimed yet."))
    order_no = CodeField()
    amount = AmountField(**MONEY, min_value=Decimal(0), help_text=_("Of the order, before the coupon."))
    store = CodeField(required=False)


class RedeemOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    coupon = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CouponKind.choices)
    benefit = serializers.DecimalField(
        **MONEY, allow_null=True, help_text=_("What the order costs less; null: a gift.")
    )
    gift = serializers.CharField(allow_blank=True)
    new = serializers.BooleanField()


class ReleaseIn(StrictSerializer):
    code = CodeField()
    order_no = CodeField()


class ReleaseOut(serializers.Serializer[Any]):
    coupon = serializers.IntegerField()
    redeemed = serializers.BooleanField(help_text=_("Whether another order has used the code since."))
    valid_until = serializers.DateTimeField()


class DrawPrizeSerializer(serializers.Serializer[Any]):
    prize = serializers.IntegerField(source="prize_id")
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=PrizeKind.choices)
    value = serializers.DecimalField(max_digits=10, decimal_places=2)
    quantity = serializers.IntegerField()


class PromisedSerializer(serializers.Serializer[Any]):
    """A prize as it was published."""

    prize = serializers.IntegerField()
    quantity = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=PrizeKind.choices)
    value = serializers.DecimalField(max_digits=10, decimal_places=2)
    name = serializers.CharField()


class DrawSerializer(serializers.ModelSerializer[Draw]):
    """The published rules, with the fingerprint of the seed.

    A draw that is void (`voided_at`) takes no entries and has no winners: show `void_notice` where members see it.
    """

    state = serializers.ChoiceField(choices=DrawState.choices)
    prizes = DrawPrizeSerializer(many=True, read_only=True)
    void_notice = serializers.SerializerMethodField()

    class Meta:
        model = Draw
        fields = (
            *("id", "name", "conditions", "handing_over", "organiser", "max_chances", "prizes"),
            *("opens_at", "closes_at", "draws_at", "state", "seed_hash", "prizes_hash", "voided_at", "void_notice"),
        )
        read_only_fields = fields

    def get_void_notice(self, draw: Draw) -> str:
        """Empty until a second person has confirmed it."""
        return draw.void_notice if draw.voided_at else ""


class EnterIn(StrictSerializer):
    member = MemberReferenceField()
    reason = CodeField(
        max_length=80,
        required=False,
        default="entry",
        help_text=_("What the chance is for; the same reason again is the same chance."),
    )


class EnterOut(serializers.Serializer[Any]):
    entry = serializers.IntegerField()
    new = serializers.BooleanField()


class WonSerializer(serializers.Serializer[Any]):
    place = serializers.IntegerField()
    entry = serializers.IntegerField(help_text=_("Number of the entry; it says nobody's name."))
    prize = serializers.IntegerField()


class ResultOut(serializers.Serializer[Any]):
    """Everything by which anybody can compute the draw again."""

    draw = serializers.IntegerField()
    state = serializers.ChoiceField(choices=DrawState.choices)
    seed = serializers.CharField()
    seed_hash = serializers.CharField()
    seed_fits = serializers.BooleanField()
    prizes = PromisedSerializer(many=True)
    prizes_hash = serializers.CharField()
    prizes_fit = serializers.BooleanField()
    entries = serializers.IntegerField(allow_null=True, help_text=_("Null for keys that are held to stores."))
    entries_hash = serializers.CharField()
    entries_fit = serializers.BooleanField()
    winners = WonSerializer(many=True)
    winners_fit = serializers.BooleanField()
    proved_at = serializers.DateTimeField(
        allow_null=True, help_text=_("When it was computed again last: what fits fitted then. Null: just now.")
    )
