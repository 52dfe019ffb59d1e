"""Tiers as they are defined, and where members stand."""

from datetime import date, datetime, time
from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.api.callers import caller_of
from accounts.enums import Reach
from core.api.filters import StrictFilterBackend
from core.api.pagination import CursorPages
from core.api.views import ApiMixin
from core.errors import NotAllowed, NotFound
from members.api.scoping import MEMBER_ID, member_or_404
from members.models import Member
from segments.api.serializers import FlowQuery, FlowSerializer, StandingSerializer, TierChangeSerializer, TierSerializer
from segments.models import MemberStanding, Tier, TierChange
from segments.selectors.flow import tier_flow


class TierViewSet(ApiMixin, ReadOnlyModelViewSet[Tier]):
    """The tiers in the order in which they are tried."""

    tag = "tiers"
    scope = "tiers"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "segments.view_tier"}
    queryset = Tier.objects.prefetch_related("criteria")
    serializer_class = TierSerializer
    lookup_field = "code"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,20}"

    class InOrder(CursorPages):
        ordering = ("position", "id")

    pagination_class = InOrder

    @extend_schema(parameters=[FlowQuery], responses=FlowSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def flow(self, request: Request) -> Response:
        """How many members came from which tier to which between two days, those who stayed included.

        It counts all members, so a key that is held to stores may not ask.
        """
        if caller_of(request).reach != Reach.ALL:
            raise NotAllowed(_("Tier flow counts all members; this key sees some of them only."))
        query = FlowQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        since, until = query.validated_data["since"], query.validated_data["until"]
        cells = tier_flow(start=_midnight(since), end=_midnight(until))
        return Response(FlowSerializer({"since": since, "until": until, "cells": cells}).data)


class MemberTierHistory(ApiMixin, mixins.ListModelMixin, GenericViewSet[TierChange]):
    """How a member came from tier to tier, the latest first."""

    tag = "tiers"
    scope = "tiers"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "segments.view_tierchange"}
    queryset = TierChange.objects.none()
    serializer_class = TierChangeSerializer

    class Latest(CursorPages):
        ordering = ("-at", "-id")

    pagination_class = Latest

    @extend_schema(parameters=[MEMBER_ID])
    def list(self, request: Request, member_id: str) -> Response:
        member = member_or_404(request, member_id)
        page = self.paginate_queryset(TierChange.objects.filter(member=member))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class StandingFilter(django_filters.FilterSet):
    tier = django_filters.BaseInFilter(lookup_expr="in", label="Tier codes, with commas between")
    r = django_filters.NumberFilter(min_value=1, max_value=5)
    f = django_filters.NumberFilter(min_value=1, max_value=5)
    m = django_filters.NumberFilter(min_value=1, max_value=5)
    tier_since = django_filters.IsoDateTimeFilter(lookup_expr="gte", label="In the tier since then or later")

    class Meta:
        model = MemberStanding
        fields: ClassVar[list[str]] = []


class StandingViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[MemberStanding]):
    """RFM scores and tiers of many members, the newest members first."""

    tag = "standings"
    scope = "standings"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "segments.view_memberstanding"}
    queryset = MemberStanding.objects.none()
    serializer_class = StandingSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = StandingFilter

    class NewestMembers(CursorPages):
        ordering = ("-member_id",)

    pagination_class = NewestMembers

    def get_queryset(self) -> QuerySet[MemberStanding]:
        return MemberStanding.objects.filter(member__in=Member.objects.visible_to(caller_of(self.request)))


class MemberStandingView(ApiMixin, GenericViewSet[MemberStanding]):
    """RFM and tier of one member as of the last run."""

    tag = "standings"
    scope = "standings"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "segments.view_memberstanding"}
    queryset = MemberStanding.objects.none()
    serializer_class = StandingSerializer

    @extend_schema(parameters=[MEMBER_ID], responses=StandingSerializer)
    def retrieve(self, request: Request, member_id: str) -> Response:
        """404 also while no run has seen the member yet."""
        member = member_or_404(request, member_id)
        standing = MemberStanding.objects.filter(member=member).first()
        if standing is None:
            raise NotFound
        return Response(StandingSerializer(standing).data)


def _midnight(day: date) -> datetime:
    """00:00 of a day in the product's time zone."""
    return datetime.combine(day, time(), timezone.get_default_timezone())
