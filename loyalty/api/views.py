"""Coupons claimed, redeemed and given back by tills and mini programs; draws entered and proved."""

from dataclasses import asdict
from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of, sees_everybody
from accounts.models import Store
from accounts.selectors import stores_visible_to
from core.api.filters import StrictFilterBackend
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound, ValidationFailed
from loyalty.api.serializers import (
    ClaimIn,
    ClaimOut,
    CouponSerializer,
    DrawSerializer,
    EnterIn,
    EnterOut,
    RedeemIn,
    RedeemOut,
    ReleaseIn,
    ReleaseOut,
    ResultOut,
)
from loyalty.enums import CouponKind, CouponState, DrawState
from loyalty.errors import CodeUnknown
from loyalty.models import Coupon, CouponGrant, Draw
from loyalty.selectors.codes import codes_of
from loyalty.selectors.coupons import end_of
from loyalty.selectors.draws import proof_of
from loyalty.services.coupons import claim, redeem, release
from loyalty.services.coupons.redeeming import find_grant
from loyalty.services.draws import enter
from members.api.references import Reference, Resolver
from members.api.scoping import ID_PATTERN
from members.models import Member


class CouponFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=CouponState.choices)
    kind = django_filters.ChoiceFilter(choices=CouponKind.choices)


class CouponViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Coupon]):
    """Coupons that were launched, and their pieces in members' hands."""

    tag = "coupons"
    scope = "coupons"
    scope_permissions: ClassVar[dict[str, str]] = {
        "read": "loyalty.view_coupon",
        "write": "loyalty.add_couponredemption",
    }
    queryset = Coupon.objects.exclude(state=CouponState.DRAFT)
    serializer_class = CouponSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = CouponFilter
    lookup_value_regex = ID_PATTERN

    @extend_schema(
        request=ClaimIn,
        responses={
            201: OpenApiResponse(ClaimOut, description=str(_("She has it now."))),
            200: OpenApiResponse(ClaimOut, description=str(_("She had it by the same key."))),
        },
        filters=False,
    )
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def claim(self, request: Request, pk: str) -> Response:
        """Give one piece to a member. Sold out, over, or her limit reached: 422 with the reason as its code."""
        asked = _read(ClaimIn(data=request.data))
        coupon = self.get_queryset().filter(pk=int(pk)).first()
        if coupon is None:
            raise NotFound
        claimed = claim(
            coupon=coupon,
            member=_member(request, asked["member"]),
            key=asked.get("key", ""),
            by=caller_of(request),
            now=timezone.now(),
        )
        grant = CouponGrant.objects.select_related("code").get(pk=claimed.grant_id)
        answer = {
            "id": grant.pk,
            "coupon": coupon.pk,
            "code": codes_of([grant])[grant.pk],
            "valid_until": claimed.valid_until,
            "new": claimed.new,
        }
        return Response(ClaimOut(answer).data, status.HTTP_201_CREATED if claimed.new else status.HTTP_200_OK)

    @extend_schema(request=RedeemIn, responses={200: RedeemOut}, filters=False)
    @action(detail=False, methods=["post"], filter_backends=())
    @idempotent
    def redeem(self, request: Request) -> Response:
        """Use a code for one order. The same order again answers the same; another order is a 409."""
        asked = _read(RedeemIn(data=request.data))
        member = _member(request, asked["member"]) if "member" in asked else None
        _require_in_reach(request, asked["code"])
        done = redeem(
            code=asked["code"],
            member=member,
            order_no=asked["order_no"],
            amount=asked["amount"],
            store=_store(request, asked.get("store", "")),
            by=caller_of(request),
            now=timezone.now(),
        )
        coupon = done.grant.coupon
        answer = {
            "id": done.redemption_id,
            "coupon": coupon.pk,
            "kind": coupon.kind,
            "benefit": done.benefit,
            "gift": coupon.gift,
            "new": done.new,
        }
        return Response(RedeemOut(answer).data)

    @extend_schema(request=ReleaseIn, responses={200: ReleaseOut}, filters=False)
    @action(detail=False, methods=["post"], filter_backends=())
    @idempotent
    def release(self, request: Request) -> Response:
        """Give a coupon back because its order was given back; once, however often it is sent."""
        asked = _read(ReleaseIn(data=request.data))
        _require_in_reach(request, asked["code"])
        grant = release(code=asked["code"], order_no=asked["order_no"], by=caller_of(request), now=timezone.now())
        answer = {
            "coupon": grant.coupon_id,
            "redeemed": grant.redeemed_at is not None,
            "valid_until": end_of(grant),
        }
        return Response(ReleaseOut(answer).data)


class DrawViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Draw]):
    """Draws whose rules are published."""

    tag = "draws"
    scope = "draws"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "loyalty.view_draw", "write": "loyalty.add_drawentry"}
    queryset = Draw.objects.exclude(state=DrawState.DRAFT).prefetch_related("prizes")
    serializer_class = DrawSerializer
    filter_backends = (StrictFilterBackend,)
    lookup_value_regex = ID_PATTERN

    @extend_schema(
        request=EnterIn,
        responses={
            201: OpenApiResponse(EnterOut, description=str(_("A new chance."))),
            200: OpenApiResponse(EnterOut, description=str(_("She had this chance already."))),
        },
        filters=False,
    )
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def enter(self, request: Request, pk: str) -> Response:
        """Give a member a chance. Too early, too late, or no chance left: 422 with the reason as its code."""
        asked = _read(EnterIn(data=request.data))
        entered = enter(
            draw=self._draw(pk),
            member=_member(request, asked["member"]),
            reason=asked["reason"],
            by=caller_of(request),
            now=timezone.now(),
        )
        answer = EnterOut({"entry": entered.entry_id, "new": entered.new}).data
        return Response(answer, status.HTTP_201_CREATED if entered.new else status.HTTP_200_OK)

    @extend_schema(responses={200: ResultOut}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=(), pagination_class=None)
    def result(self, request: Request, pk: str) -> Response:
        """The revealed seed, the fingerprints and the winning entries; a draw that was not run, or is void, is a 404."""
        draw = self._draw(pk)
        proof = proof_of(draw)
        if proof is None and draw.voided_at:
            raise NotFound(_("This draw is void: it has no result."), hint=draw.void_notice)
        if proof is None:
            raise NotFound(_("This draw was not run yet."), hint=_("Its result is here once it was run."))
        found = {**asdict(proof), "proved_at": draw.proved_at if draw.proof else None}
        if not sees_everybody(request):
            found["entries"] = None
        return Response(ResultOut(found).data)

    def _draw(self, pk: str) -> Draw:
        found = self.get_queryset().filter(pk=int(pk)).first()
        if found is None:
            raise NotFound
        return found


def _read(body: Serializer[Any]) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _member(request: Request, reference: Reference) -> Member:
    """Whom the caller means, within what she may know of."""
    number = Resolver([reference], user=caller_of(request)).member_id(reference)
    member = Member.objects.filter(pk=number).first() if number else None
    if member is None:
        raise NotFound(fields={"member": [_("There is no such member.")]})
    return member


def _store(request: Request, code: str) -> Store | None:
    if not code:
        return None
    store = stores_visible_to(caller_of(request)).filter(code=code).first()
    if store is None:
        raise ValidationFailed(fields={"store": [_("There is no such store.")]})
    return store


def _require_in_reach(request: Request, code: str) -> None:
    """A code of a member whom the caller may not know of is no code here; nor is one of a member who was erased."""
    grant = find_grant(code)
    if grant is not None and not Member.objects.visible_to(caller_of(request)).filter(pk=grant.member_id or 0).exists():
        raise CodeUnknown
