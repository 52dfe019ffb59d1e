"""Facts: orders, interactions and touches written by programs; the purchases of a member read."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.api.callers import caller_of
from core.api.batches import Batch, read_batch
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound, ValidationFailed
from members.api.scoping import MEMBER_ID, member_or_404
from timeline.api.batches import interaction_rows, order_lines, resolve, touch_rows
from timeline.api.serializers import (
    DeliverySerializer,
    InteractionBatchIn,
    InteractionIn,
    OrderBatchIn,
    OrderDeliverySerializer,
    OrderIn,
    PurchaseSerializer,
    TouchBatchIn,
    TouchIn,
)
from timeline.models import Purchase
from timeline.selectors.orders import order_facts, purchases_of, with_lines
from timeline.services.deliveries import deliver_interactions, deliver_purchases, deliver_touches

MAX_ORDERS = 1_000
MAX_FACTS = 5_000


class NewestFirst(CursorPages):
    ordering = ("-occurred_at", "-id")


class PurchaseViewSet(ApiMixin, ViewSet):
    """Orders, written by shops and tills."""

    tag = "purchases"
    scope = "purchases"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "timeline.view_purchase", "write": "timeline.add_purchase"}

    @extend_schema(
        request=OrderIn,
        responses={
            201: OpenApiResponse(PurchaseSerializer(many=True), description=str(_("Something of it is new."))),
            200: OpenApiResponse(PurchaseSerializer(many=True), description=str(_("All of it was stored already."))),
        },
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Record one order.

        Lines that are stored already are not stored again; lines that are new complete the order. The answer is what
        is stored now: the order, its refund, or both.
        """
        body = OrderIn(data=request.data)
        body.is_valid(raise_exception=True)
        order = body.validated_data
        _resolve_one(order, request)
        counts = deliver_purchases(rows=list(order_lines([order])), by=caller_of(request), now=timezone.now())
        facts = order_facts(member_id=order["member_id"], order_no=order["order_no"], source=order["source"])
        answer = PurchaseSerializer(with_lines(facts), many=True).data
        return Response(answer, status.HTTP_201_CREATED if counts.stored else status.HTTP_200_OK)

    @extend_schema(request=OrderBatchIn, responses={200: OrderDeliverySerializer})
    @action(detail=False, methods=["post"])
    @idempotent
    def batch(self, request: Request) -> Response:
        """Record up to 1,000 orders. Good ones are stored; each bad one is named with its place, field and reason."""
        batch = _read(request, OrderIn(), MAX_ORDERS)
        counts = deliver_purchases(
            rows=list(order_lines(batch.good.values())), by=caller_of(request), now=timezone.now()
        )
        return Response(
            {
                "accepted": len(batch.good),
                "lines_stored": counts.stored,
                "lines_already_stored": counts.already_stored,
                "orders": counts.purchases,
                "refunds": counts.refunds,
                "completed": counts.completed,
                "rejected": batch.report(),
            }
        )


class MemberPurchases(ApiMixin, mixins.ListModelMixin, GenericViewSet[Purchase]):
    """What a member bought and gave back, the latest first."""

    tag = "purchases"
    scope = "purchases"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "timeline.view_purchase"}
    queryset = Purchase.objects.none()
    serializer_class = PurchaseSerializer
    pagination_class = NewestFirst

    @extend_schema(parameters=[MEMBER_ID])
    def list(self, request: Request, member_id: str) -> Response:
        member = member_or_404(request, member_id)
        page = self.paginate_queryset(purchases_of(member))
        return self.get_paginated_response(PurchaseSerializer(with_lines(page or []), many=True).data)


class FactViewSet(ApiMixin, ViewSet):
    """Facts that come in batches only."""

    item: ClassVar[type[serializers.Serializer[Any]]]
    rows: ClassVar[Callable[..., Iterable[Any]]]
    deliver: ClassVar[Callable[..., Any]]

    def accept(self, request: Request) -> Response:
        kind = type(self)
        batch = _read(request, kind.item(), MAX_FACTS)
        counts = kind.deliver(rows=list(kind.rows(batch.good.values())), by=caller_of(request), now=timezone.now())
        return Response(
            {
                "accepted": len(batch.good),
                "stored": counts.stored,
                "already_stored": counts.already_stored,
                "rejected": batch.report(),
            }
        )


class InteractionViewSet(FactViewSet):
    """What members do other than buying."""

    tag = "interactions"
    scope = "interactions"
    scope_permissions: ClassVar[dict[str, str]] = {"write": "timeline.add_interaction"}
    item = InteractionIn
    rows = staticmethod(interaction_rows)
    deliver = staticmethod(deliver_interactions)

    @extend_schema(request=InteractionBatchIn, responses={200: DeliverySerializer})
    @action(detail=False, methods=["post"])
    @idempotent
    def batch(self, request: Request) -> Response:
        """Record up to 5,000 interactions. Good ones are stored; each bad one is named with place, field and reason."""
        return self.accept(request)


class TouchViewSet(FactViewSet):
    """Where members came from."""

    tag = "touches"
    scope = "touches"
    scope_permissions: ClassVar[dict[str, str]] = {"write": "timeline.add_touch"}
    item = TouchIn
    rows = staticmethod(touch_rows)
    deliver = staticmethod(deliver_touches)

    @extend_schema(request=TouchBatchIn, responses={200: DeliverySerializer})
    @action(detail=False, methods=["post"])
    @idempotent
    def batch(self, request: Request) -> Response:
        """Record up to 5,000 touches. Good ones are stored; each bad one is named with place, field and reason."""
        return self.accept(request)


def _read(request: Request, item: serializers.Serializer[Any], limit: int) -> Batch:
    batch = read_batch(request.data, item, limit=limit)
    resolve(batch, caller_of(request))
    batch.require_some()
    return batch


def _resolve_one(order: dict[str, Any], request: Request) -> None:
    """As in a batch, but a member that is not there is a 404."""
    batch = Batch(good={0: order})
    resolve(batch, caller_of(request))
    for fault in batch.rejected:
        error = NotFound if fault.field == "member" else ValidationFailed
        raise error(fields={fault.field: [fault.message]})
