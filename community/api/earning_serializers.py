"""Bodies of tasks, deliveries, the ledger and UGC, as sent and as answered."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from community.enums.koc import KocLevel
from community.enums.ledger import Book, Booking, Way
from community.enums.ugc import Scope, UgcKind, UgcSource, UgcState
from community.enums.work import DeliveryState, TaskState
from community.models import Delivery, LedgerTransaction, ShareOrder, Task, Ugc
from core.api.fields import ChoiceField, CodeField, DayField, StrictSerializer, TextField
from members.api.references import MemberReferenceField

#: Files are handed in on the pages; a program gives a text or an address.
OFFERED_KINDS = [(each.value, each.label) for each in (UgcKind.TEXT, UgcKind.LINK)]


class TaskOut(serializers.ModelSerializer[Task]):
    """`seats` is null where as many as come may take it."""

    wish = serializers.ChoiceField(choices=UgcKind.choices)
    level = serializers.ChoiceField(choices=KocLevel.choices)
    state = serializers.ChoiceField(choices=TaskState.choices)
    reward_coupon = serializers.IntegerField(source="reward_coupon_id", allow_null=True)

    class Meta:
        model = Task
        fields = (
            *("id", "title", "brief", "wish", "level", "state", "due_at", "seats", "taken"),
            *("reward_amount", "reward_coupon", "opened_at", "ended_at"),
        )


class DeliveryOut(serializers.ModelSerializer[Delivery]):
    """One KOC on one task; `reason` says what has to be changed where it was returned."""

    task = serializers.IntegerField(source="task_id")
    koc = serializers.IntegerField(source="koc_id")
    member = serializers.IntegerField(source="koc.member_id", allow_null=True)
    state = serializers.ChoiceField(choices=DeliveryState.choices)

    class Meta:
        model = Delivery
        fields = (
            *("id", "task", "koc", "member", "state", "accepted_at", "delivered_at", "late", "times"),
            *("text", "link", "reason", "decided_at"),
        )


class TakeIn(StrictSerializer):
    member = MemberReferenceField(help_text=_("The KOC."))


class HandInIn(StrictSerializer):
    text = TextField(max_length=10_000, required=False, allow_blank=True, default="")
    link = TextField(max_length=1000, required=False, allow_blank=True, default="")


class EntryOut(serializers.Serializer[Any]):
    book = serializers.ChoiceField(choices=Book.choices)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class BookingOut(serializers.ModelSerializer[LedgerTransaction]):
    """One booking; its entries sum to zero. `purchase` and `key` are null where the caller may not see the buyer."""

    kind = serializers.ChoiceField(choices=Booking.choices)
    koc = serializers.IntegerField(source="koc_id")
    member = serializers.IntegerField(source="koc.member_id", allow_null=True)
    delivery = serializers.IntegerField(source="delivery_id", allow_null=True)
    payout = serializers.IntegerField(source="payout_id", allow_null=True)
    purchase = serializers.SerializerMethodField()
    key = serializers.SerializerMethodField()
    entries = EntryOut(many=True)

    class Meta:
        model = LedgerTransaction
        fields = ("id", "kind", "koc", "member", "key", "purchase", "delivery", "payout", "at", "entries")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_purchase(self, booked: LedgerTransaction) -> int | None:
        return booked.purchase_id if _buyer_seen(booked) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_key(self, booked: LedgerTransaction) -> str | None:
        """It holds the number of the purchase."""
        return booked.key if _buyer_seen(booked) else None


class ShareOrderOut(serializers.ModelSerializer[ShareOrder]):
    """An order that earns a KOC a share; `settled` is the part whose return window is over.

    `id` and `order_no` are null where the caller may not see the buyer.
    """

    id = serializers.SerializerMethodField()
    order_no = serializers.SerializerMethodField()
    koc = serializers.IntegerField(source="koc_id")
    way = serializers.ChoiceField(choices=Way.choices)
    rate = serializers.DecimalField(source="rule.rate", max_digits=5, decimal_places=4)

    class Meta:
        model = ShareOrder
        fields = (
            *(
                "id",
                "koc",
                "order_no",
                "way",
                "rate",
                "occurred_at",
                "due_at",
                "amount",
                "refunded",
                "share",
                "settled",
            ),
        )

    @extend_schema_field(serializers.IntegerField(allow_null=True, help_text=_("The number of the purchase.")))
    def get_id(self, order: ShareOrder) -> int | None:
        return order.purchase_id if _buyer_seen(order) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_order_no(self, order: ShareOrder) -> str | None:
        return order.order_no if _buyer_seen(order) else None


def _buyer_seen(row: Any) -> bool:
    """As the selectors of the ledger answer it for the caller."""
    return bool(row.buyer_seen)


class UgcIn(StrictSerializer):
    """A piece that a member offers. The same `key` once more is the same piece."""

    member = MemberReferenceField()
    key = CodeField(max_length=80, help_text=_("The sender's own number of the piece."))
    kind = ChoiceField(choices=OFFERED_KINDS)
    title = TextField(max_length=80)
    text = TextField(max_length=10_000, required=False, allow_blank=True, default="")
    link = TextField(max_length=1000, required=False, allow_blank=True, default="")
    scope = ChoiceField(choices=Scope.choices, required=False, default=Scope.PRIVATE.value)
    until = DayField(required=False, allow_null=True, default=None)


class UgcOut(serializers.ModelSerializer[Ugc]):
    """`agreed` says whether a consent to publishing stands behind it; only `approved` may be used."""

    member = serializers.IntegerField(source="member_id", allow_null=True)
    kind = serializers.ChoiceField(choices=UgcKind.choices)
    source = serializers.ChoiceField(choices=UgcSource.choices)  # type: ignore[assignment]  # a field named so
    scope = serializers.ChoiceField(choices=Scope.choices)
    state = serializers.ChoiceField(choices=UgcState.choices)
    agreed = serializers.SerializerMethodField()

    class Meta:
        model = Ugc
        fields = (
            *("id", "member", "kind", "source", "title", "text", "link", "scope", "until", "state", "agreed"),
            *("offered_at", "ended_at"),
        )

    @extend_schema_field(serializers.BooleanField())
    def get_agreed(self, piece: Ugc) -> bool:
        return piece.consent_event is not None
