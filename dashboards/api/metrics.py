"""Metrics as they are defined, and what they were day by day."""

from typing import ClassVar

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.api.callers import caller_of
from accounts.enums import Reach
from core.api.filters import StrictFilterBackend
from core.api.pagination import CursorPages
from core.api.views import ApiMixin
from dashboards.enums import Comparison, GoodSide, MetricLevel, MetricUnit, Sight
from dashboards.models import EVERYBODY, MetricDefinition, Snapshot
from dashboards.pages.metric_words import formula_words
from dashboards.selectors.board import judge
from timeline.models import member_slices

AMOUNTS = {"type": "object", "additionalProperties": {"type": "string", "format": "decimal"}}


class MetricSerializer(serializers.ModelSerializer[MetricDefinition]):
    """`low` and `high` are values as computed: a share is 0.65, a change of +20 % is 0.2."""

    level = serializers.ChoiceField(choices=MetricLevel.choices)
    comparison = serializers.ChoiceField(choices=Comparison.choices)
    unit = serializers.ChoiceField(choices=MetricUnit.choices)
    good_side = serializers.ChoiceField(choices=GoodSide.choices)
    formula_in_words = serializers.SerializerMethodField(help_text=_("In the language of the request."))

    class Meta:
        model = MetricDefinition
        fields = (
            *("code", "level", "name_zh", "name_en", "words_zh", "words_en", "formula", "formula_in_words"),
            *("window_days", "comparison", "unit", "good_side", "low", "high", "advice_zh", "advice_en"),
            *("is_active", "version"),
        )

    def get_formula_in_words(self, metric: MetricDefinition) -> str:
        return formula_words(metric.formula)


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    """One metric over the window that ends with `day`. `value` null: `sight` and `lack` say why it is not known."""

    metric = serializers.CharField(source="metric.code")
    slice = serializers.CharField(help_text=_("all, store, tier, audience, activity, group …"))
    slice_id = serializers.CharField()
    sight = serializers.ChoiceField(choices=Sight.choices)
    health = serializers.SerializerMethodField(
        help_text=_("Beside the range that is set now: good, watch, act, or none where it is not known.")
    )
    facts = serializers.SerializerMethodField()
    facts_before = serializers.SerializerMethodField()

    class Meta:
        model = Snapshot
        fields = (
            *("metric", "day", "slice", "slice_id", "value", "base", "facts", "facts_before", "sample", "sight"),
            *("lack", "since", "health", "computed_at"),
        )

    def get_health(self, row: Snapshot) -> str:
        return judge(row.metric, row.value).value

    @extend_schema_field(AMOUNTS)
    def get_facts(self, row: Snapshot) -> dict[str, str]:
        return dict(row.facts)

    @extend_schema_field(AMOUNTS)
    def get_facts_before(self, row: Snapshot) -> dict[str, str]:
        return dict(row.facts_before)


class MetricViewSet(ApiMixin, ReadOnlyModelViewSet[MetricDefinition]):
    """The metrics of the three levels."""

    tag = "metrics"
    scope = "metrics"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "dashboards.view_metricdefinition"}
    queryset = MetricDefinition.objects.all()
    serializer_class = MetricSerializer
    lookup_field = "code"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,40}"

    class InOrder(CursorPages):
        ordering = ("position", "id")

    pagination_class = InOrder


class SnapshotFilter(django_filters.FilterSet):
    metric = django_filters.CharFilter(field_name="metric__code", label="Code of a metric")
    day_from = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    day_to = django_filters.DateFilter(field_name="day", lookup_expr="lte")
    slice = django_filters.CharFilter(label="all, store, tier, audience, activity, group …")
    slice_id = django_filters.CharFilter()

    class Meta:
        model = Snapshot
        fields: ClassVar[list[str]] = []


class SnapshotViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[Snapshot]):
    """What metrics were, the latest computed first. A key sees the slices that its user sees: of her stores and groups."""

    tag = "metrics"
    scope = "metrics"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "dashboards.view_snapshot"}
    queryset = Snapshot.objects.none()
    serializer_class = SnapshotSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = SnapshotFilter

    def get_queryset(self) -> QuerySet[Snapshot]:
        user = caller_of(self.request)
        seen = Q(slice=EVERYBODY) if user.reach == Reach.ALL else Q(pk__in=[])
        for each in member_slices:
            seen |= Q(slice=each.code, slice_id__in=list(each.choices(user)))
        return Snapshot.objects.select_related("metric").filter(seen, counted_as=F("metric__counted_as"))
