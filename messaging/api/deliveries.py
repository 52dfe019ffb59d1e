"""What became of each message, read by programs."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of
from core.api.fields import INT64
from core.api.filters import StrictFilterBackend
from core.api.views import ApiMixin
from members.api.scoping import ID_PATTERN
from messaging.enums import DeliveryState
from messaging.models import Delivery


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=DeliveryState.choices)
    send = django_filters.NumberFilter(field_name="send_id", min_value=1, max_value=INT64)
    member = django_filters.NumberFilter(field_name="member_id", min_value=1, max_value=INT64)

    class Meta:
        model = Delivery
        fields = ("state", "send", "member")


class LedgerMessageSerializer(serializers.ModelSerializer[Delivery]):
    """`reason` is the gate's verdict, or why the message was withheld; `source` names it in the words of its sender."""

    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # the stubs give every field an attribute of that name
    channel = serializers.CharField(source="send.channel")
    key = serializers.UUIDField()

    class Meta:
        model = Delivery
        fields = (
            *("id", "send", "source", "channel", "member", "state", "reason", "key", "attempts", "due_at", "begun_at"),
            *("ended_at", "external_id", "error", "receipt", "receipt_at"),
        )
        read_only_fields = fields

    def get_source(self, row: Delivery) -> dict[str, str]:
        return {"kind": row.send.source_kind, "id": row.send.source_id, "step": row.send.step}


class LedgerMessageViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Delivery]):
    """Messages in the ledger, of members whom the caller may see."""

    tag = "deliveries"
    scope = "deliveries"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "messaging.view_delivery"}
    queryset = Delivery.objects.all()
    serializer_class = LedgerMessageSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = DeliveryFilter
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> QuerySet[Delivery]:
        rows: Any = super().get_queryset()
        visible: QuerySet[Delivery] = rows.visible_to(caller_of(self.request)).select_related("send")
        return visible
