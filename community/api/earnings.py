"""Tasks, deliveries, the ledger and UGC for programs; what is decided and paid is people's."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of
from community.api.earning_serializers import (
    BookingOut,
    DeliveryOut,
    HandInIn,
    ShareOrderOut,
    TakeIn,
    TaskOut,
    UgcIn,
    UgcOut,
)
from community.enums.ledger import Booking
from community.enums.ugc import UgcSource, UgcState
from community.enums.work import DeliveryState, TaskState
from community.models import Delivery, Koc, LedgerTransaction, ShareOrder, Task, Ugc
from community.selectors.ledger import shared_orders, transactions
from community.services.handing_in import Piece, accept_task, deliver
from community.services.ugc import UgcIn as Offered
from community.services.ugc import offer_ugc
from core.api.fields import INT64
from core.api.filters import StrictFilterBackend
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.references import Resolver
from members.api.scoping import ID_PATTERN
from members.models import Member


class TaskFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=TaskState.choices)


class TaskViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Task]):
    """Co-creation tasks. They are made, opened and closed on their pages."""

    tag = "koc-tasks"
    scope = "koc-tasks"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_task", "write": "community.add_delivery"}
    queryset = Task.objects.all()
    serializer_class = TaskOut
    filter_backends = (StrictFilterBackend,)
    filterset_class = TaskFilter
    lookup_value_regex = ID_PATTERN

    @extend_schema(request=TakeIn, responses={201: DeliveryOut}, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def take(self, request: Request, pk: str) -> Response:
        """Take a seat for a KOC; asked twice it is the same seat."""
        body = TakeIn(data=request.data)
        body.is_valid(raise_exception=True)
        task = Task.objects.filter(pk=int(pk)).first()
        if task is None:
            raise NotFound
        member = _member(body.validated_data["member"], request)
        koc = Koc.objects.filter(member=member).first()
        if koc is None:
            raise NotFound(fields={"member": [_("She is no KOC.")]})
        delivery = accept_task(task=task, koc=koc, by=caller_of(request), now=timezone.now())
        return Response(DeliveryOut(delivery).data, status.HTTP_201_CREATED)


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=DeliveryState.choices)
    task = django_filters.NumberFilter(field_name="task_id", min_value=1, max_value=INT64, decimal_places=0)


class DeliveryViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Delivery]):
    """What KOC took and handed in, of those whom the caller may see."""

    tag = "koc-tasks"
    scope = "koc-tasks"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_delivery", "write": "community.add_delivery"}
    queryset = Delivery.objects.none()
    serializer_class = DeliveryOut
    filter_backends = (StrictFilterBackend,)
    filterset_class = DeliveryFilter
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = Delivery.objects.visible_to(caller_of(self.request)).select_related("koc")
        return rows

    @extend_schema(request=HandInIn, responses={200: DeliveryOut}, filters=False)
    @action(detail=True, methods=["post"], url_path="hand-in", filter_backends=())
    @idempotent
    def hand_in(self, request: Request, pk: str) -> Response:
        """Hand in a text or an address for her, again after it was returned; files are handed in on the page."""
        body = HandInIn(data=request.data)
        body.is_valid(raise_exception=True)
        delivery = self.get_queryset().filter(pk=int(pk)).first()
        if delivery is None:
            raise NotFound
        piece = Piece(**body.validated_data)
        done = deliver(delivery=delivery, piece=piece, by=caller_of(request), now=timezone.now())
        return Response(DeliveryOut(done).data)


class BookingFilter(django_filters.FilterSet):
    koc = django_filters.NumberFilter(field_name="koc_id", min_value=1, max_value=INT64, decimal_places=0)
    kind = django_filters.ChoiceFilter(choices=Booking.choices)


class BookingViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[LedgerTransaction]):
    """The ledger, booking by booking, of the KOC whom the caller may see."""

    tag = "ledger"
    scope = "ledger"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_ledgertransaction"}
    queryset = LedgerTransaction.objects.none()
    serializer_class = BookingOut
    filter_backends = (StrictFilterBackend,)
    filterset_class = BookingFilter

    def get_queryset(self) -> QuerySet[LedgerTransaction]:
        return transactions(caller_of(self.request))


class SharedOrderFilter(django_filters.FilterSet):
    koc = django_filters.NumberFilter(field_name="koc_id", min_value=1, max_value=INT64, decimal_places=0)


class ByPurchase(CursorPages):
    """The newest purchase first."""

    ordering = "-purchase_id"


class SharedOrderViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[ShareOrder]):
    """Orders that earn a KOC a share, of the KOC whom the caller may see."""

    tag = "ledger"
    scope = "ledger"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_ledgertransaction"}
    queryset = ShareOrder.objects.none()
    serializer_class = ShareOrderOut
    filter_backends = (StrictFilterBackend,)
    filterset_class = SharedOrderFilter
    pagination_class = ByPurchase

    def get_queryset(self) -> QuerySet[ShareOrder]:
        return shared_orders(caller_of(self.request))


class UgcFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=UgcState.choices)


class UgcViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Ugc]):
    """The UGC library, of the members whom the caller may see."""

    tag = "ugc"
    scope = "ugc"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_ugc", "write": "community.add_ugc"}
    queryset = Ugc.objects.none()
    serializer_class = UgcOut
    filter_backends = (StrictFilterBackend,)
    filterset_class = UgcFilter
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> QuerySet[Ugc]:
        rows: QuerySet[Ugc] = Ugc.objects.visible_to(caller_of(self.request))
        return rows

    @extend_schema(request=UgcIn, responses={201: UgcOut})
    @idempotent
    def create(self, request: Request) -> Response:
        """Offer a piece of a member. It is used after her consent to publishing and a legal review, by people."""
        body = UgcIn(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(body.validated_data)
        member, key = _member(given.pop("member"), request), given.pop("key")
        piece = Offered(**given, source=UgcSource.API, source_key=key)
        made = offer_ugc(member=member, piece=piece, by=caller_of(request), now=timezone.now())
        if made.member is None or made.member.owner_id != member.owner_id:
            raise NotFound(fields={"key": [_("This key stands for a piece of another member.")]})
        return Response(UgcOut(made).data, status.HTTP_201_CREATED)


def _member(reference: Any, request: Request) -> Member:
    """Raises NotFound for whoever the caller may not see."""
    number = Resolver([reference], user=caller_of(request)).member_id(reference)
    if number is None:
        raise NotFound(fields={"member": [_("There is no such member.")]})
    return Member.objects.get(pk=number)
