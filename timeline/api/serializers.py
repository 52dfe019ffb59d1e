"""Bodies of facts, as sent and as answered."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api.batches import RejectionSerializer
from core.api.fields import (
    AmountField,
    ChoiceField,
    CodeField,
    MomentField,
    PropertiesField,
    StrictSerializer,
    TextField,
)
from members.api.references import MemberReferenceField
from timeline.enums import InteractionKind, PurchaseKind
from timeline.models import Purchase, PurchaseLine

DEFAULT_SOURCE = "api"
MAX_LINES = 500
MAX_LINE_AMOUNT = Decimal(100_000_000)
OLDEST = timedelta(days=3660)
SKEW = timedelta(hours=24)


def fact_time(moment: datetime) -> None:
    """Ten years back to one day ahead: a clock may be wrong by hours, and each month met needs tables of its own."""
    now = timezone.now()
    if moment < now - OLDEST:
        raise serializers.ValidationError(
            _("This is more than ten years ago; bring it by a file import."), code="too_old"
        )
    if moment > now + SKEW:
        raise serializers.ValidationError(_("This lies in the future."), code="future_date")


class FactTimeField(MomentField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validators=[fact_time], **kwargs)


class SourceField(CodeField):
    """Which system the fact comes from; it is part of what makes a fact the same fact."""

    def __init__(self) -> None:
        super().__init__(
            max_length=40, required=False, default=DEFAULT_SOURCE, help_text=_("The system it comes from.")
        )


class OptionalText(TextField):
    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, required=False, allow_blank=True, default="", **kwargs)


class StoreCodeField(CodeField):
    def __init__(self) -> None:
        super().__init__(max_length=40, required=False, allow_null=True, default=None, help_text=_("The store's code."))


class OrderLineIn(StrictSerializer):
    product_code = CodeField()
    product_name = OptionalText(200)
    quantity = AmountField(max_digits=10, decimal_places=3, help_text=_("Negative for what was given back; not zero."))
    unit_price = AmountField(max_digits=12, decimal_places=4, help_text=_("In yuan; a discount is a negative price."))
    at = FactTimeField(required=False, allow_null=True, default=None, help_text=_("If it differs from the order's."))

    def validate_quantity(self, quantity: Decimal) -> Decimal:
        if quantity == 0:
            raise serializers.ValidationError(_("A quantity is not zero."), code="zero")
        return quantity

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if abs(attrs["quantity"] * attrs["unit_price"]) > MAX_LINE_AMOUNT:
            raise serializers.ValidationError({"unit_price": [_("The amount of the line is too large.")]})
        return attrs


class OrderIn(StrictSerializer):
    """One order. Lines with a negative quantity become its refund, a fact of its own at its own time."""

    member = MemberReferenceField()
    order_no = CodeField()
    source = SourceField()  # type: ignore[assignment]  # the name of the contract, not Field.source
    occurred_at = FactTimeField()
    store = StoreCodeField()
    channel = OptionalText(40)
    coupon_code = OptionalText(64)
    referral_code = OptionalText(64)
    lines = serializers.ListField(child=OrderLineIn(), min_length=1, max_length=MAX_LINES)


class InteractionIn(StrictSerializer):
    member = MemberReferenceField()
    kind = ChoiceField(choices=InteractionKind.choices)
    occurred_at = FactTimeField()
    source = SourceField()  # type: ignore[assignment]  # the name of the contract, not Field.source
    key = OptionalText(200, help_text=_("Your own number of this fact; without one, equal content is the same fact."))
    channel = OptionalText(40)
    subject = OptionalText(200, help_text=_("Page, product, material or code."))
    store = StoreCodeField()
    properties = PropertiesField(required=False, allow_null=True, default=None)


class TouchIn(StrictSerializer):
    member = MemberReferenceField()
    occurred_at = FactTimeField()
    source = SourceField()  # type: ignore[assignment]  # the name of the contract, not Field.source
    key = OptionalText(200, help_text=_("Your own number of this fact; without one, equal content is the same fact."))
    channel = OptionalText(40)
    utm_source = OptionalText(100)
    utm_medium = OptionalText(100)
    utm_campaign = OptionalText(100)
    utm_content = OptionalText(100)
    utm_term = OptionalText(100)
    code = OptionalText(64)
    inviter = MemberReferenceField(required=False, allow_null=True, default=None)


class PurchaseLineSerializer(serializers.ModelSerializer[PurchaseLine]):
    product_code = serializers.CharField(source="product.code")
    product_name = serializers.CharField(source="product.name")
    at = serializers.DateTimeField(source="line_at")

    class Meta:
        model = PurchaseLine
        fields = ("product_code", "product_name", "quantity", "unit_price", "amount", "at")


class PurchaseSerializer(serializers.ModelSerializer[Purchase]):
    """One fact: an order, or the refund of one."""

    kind = serializers.ChoiceField(choices=PurchaseKind.choices)
    store = serializers.CharField(source="store.code", allow_null=True, default=None)
    lines = PurchaseLineSerializer(many=True)

    class Meta:
        model = Purchase
        fields = (
            "id",
            "member_id",
            "order_no",
            "kind",
            "source",
            "occurred_at",
            "received_at",
            "amount",
            "sold",
            "store",
            "channel",
            "coupon_code",
            "referral_code",
            "lines",
        )


class OrderBatchIn(StrictSerializer):
    items = serializers.ListField(child=OrderIn(), min_length=1, max_length=1000)


class InteractionBatchIn(StrictSerializer):
    items = serializers.ListField(child=InteractionIn(), min_length=1, max_length=5000)


class TouchBatchIn(StrictSerializer):
    items = serializers.ListField(child=TouchIn(), min_length=1, max_length=5000)


class OrderDeliverySerializer(serializers.Serializer[Any]):
    """What a batch of orders brought. `orders` and `refunds` are new facts, `completed` are those that got more lines."""

    accepted = serializers.IntegerField()
    lines_stored = serializers.IntegerField()
    lines_already_stored = serializers.IntegerField()
    orders = serializers.IntegerField()
    refunds = serializers.IntegerField()
    completed = serializers.IntegerField()
    rejected = RejectionSerializer(many=True)


class DeliverySerializer(serializers.Serializer[Any]):
    """What a batch brought: `accepted` = `stored` + `already_stored`."""

    accepted = serializers.IntegerField()
    stored = serializers.IntegerField()
    already_stored = serializers.IntegerField()
    rejected = RejectionSerializer(many=True)
