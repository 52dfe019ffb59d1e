"""Who has gone silent, and what was measured of silences and preferences."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of
from core.api.filters import StrictFilterBackend, YesNoFilter, refuse_unknown
from core.api.views import ApiMixin
from core.errors import NotFound, ValidationFailed
from dashboards.api.serializers import ChurnCurveSerializer, ChurnFlagSerializer, PreferencesSerializer
from dashboards.models import ChurnFlag
from dashboards.rules.preferences import BUYERS, SPEND, Preference
from dashboards.rules.survival import Loss
from dashboards.selectors.preferences import preferences_for
from dashboards.selectors.settings import churn_rules, insight_settings
from dashboards.selectors.silences import EVERYBODY, silences_for
from members.models import Member

SCOPE = OpenApiParameter(
    "scope",
    OpenApiTypes.STR,
    description="`all` (default), `tier:<code>` or `audience:<id>`; a key that is held to stores is always told those.",
)
OF = OpenApiParameter("of", OpenApiTypes.STR, enum=[BUYERS, SPEND], description="Shares of buyers, or of net spend.")
NOT_COUNTED = OpenApiResponse({"$ref": "#/components/schemas/Error"}, "Nothing was counted yet")


class FlagFilter(django_filters.FilterSet):
    """Open flags only (`open=true`), and those since a day."""

    open = YesNoFilter(field_name="until", lookup_expr="isnull")
    since_from = django_filters.DateFilter(field_name="since", lookup_expr="gte")

    class Meta:
        model = ChurnFlag
        fields: ClassVar[list[str]] = []


class ChurnFlagViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[ChurnFlag]):
    """Warnings of members that the key may see, the latest first."""

    tag = "insights"
    scope = "insights"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "dashboards.view_churnflag"}
    queryset = ChurnFlag.objects.all()
    serializer_class = ChurnFlagSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = FlagFilter

    def get_queryset(self) -> QuerySet[ChurnFlag]:
        return ChurnFlag.objects.filter(member__in=Member.objects.visible_to(self.request.user).order_by())


class ChurnCurveView(ApiMixin, GenericViewSet[Any]):
    """The measured churn curve."""

    tag = "insights"
    scope = "insights"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "dashboards.view_results"}
    serializer_class = ChurnCurveSerializer
    pagination_class = None

    @extend_schema(parameters=[SCOPE], responses={200: ChurnCurveSerializer, 404: NOT_COUNTED})
    def retrieve(self, request: Request) -> Response:
        """The share of silences not broken after each number of days. 404 before it was counted."""
        refuse_unknown(request, ("scope",))
        code, settings = request.query_params.get("scope", EVERYBODY), insight_settings()
        found = silences_for(caller_of(request), code)
        if found is None:
            raise NotFound
        rules = churn_rules()
        rule = rules.get(code) or rules.get(EVERYBODY)
        shown = {
            "scope": code,
            "first_day": found.first_day,
            "last_day": found.last_day,
            "counted_at": found.counted_at,
            "members": found.members,
            "silences": found.count,
            "horizon_days": settings.horizon_days,
            "threshold_days": rule.days if rule else None,
            "losses": [_loss(loss) for loss in found.losses(settings)],
        }
        return Response(ChurnCurveSerializer(shown).data)


class PreferenceView(ApiMixin, GenericViewSet[Any]):
    """Preferences by city tier."""

    tag = "insights"
    scope = "insights"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "dashboards.view_results"}
    serializer_class = PreferencesSerializer
    pagination_class = None

    @extend_schema(parameters=[OF], responses={200: PreferencesSerializer, 404: NOT_COUNTED})
    def retrieve(self, request: Request) -> Response:
        """The share of each category in each city tier. 404 before it was counted."""
        refuse_unknown(request, ("of",))
        of = request.query_params.get("of", BUYERS)
        if of not in {BUYERS, SPEND}:
            raise ValidationFailed(fields={"of": [f"{BUYERS}, {SPEND}"]})
        found = preferences_for(caller_of(request), of=of, least=insight_settings().least_buyers)
        if found is None:
            raise NotFound
        cells = [
            _cell(tier, category, found.bases[tier].buyers, found.cells[tier, category])
            for tier in found.tiers
            for category in found.categories
        ]
        shown = {
            "first_day": found.first_day,
            "last_day": found.last_day,
            "counted_at": found.counted_at,
            "of": of,
            "cells": cells,
        }
        return Response(PreferencesSerializer(shown).data)


def _loss(loss: Loss) -> dict[str, Any]:
    low, high = loss.interval or (None, None)
    return {
        "days": loss.days,
        "reached": loss.reached,
        "share": loss.share,
        "low": low,
        "high": high,
        "reason": loss.reason,
    }


def _cell(tier: str, category: str, base: int, cell: Preference) -> dict[str, Any]:
    low, high = cell.interval or (None, None)
    return {
        "city_tier": tier,
        "category": category,
        "base_buyers": base,
        "buyers": cell.buyers,
        "share": cell.share,
        "low": low,
        "high": high,
        "index": cell.index,
        "differs": cell.differs,
    }
