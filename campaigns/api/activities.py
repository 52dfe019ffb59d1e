"""Activities: read with their results, made as drafts, told who took part and what it cost."""

from dataclasses import replace
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

from accounts.api.callers import caller_of, require_everybody
from campaigns.api.serializers import (
    ActivityIn,
    ActivitySerializer,
    CostIn,
    CostSerializer,
    GivingIn,
    GivingSerializer,
    ParticipationBatchIn,
    ParticipationDelivery,
    ParticipationIn,
    ResultsSerializer,
    results_body,
)
from campaigns.enums import STARTED, ActivityState, ParticipationKind
from campaigns.errors import ActivityStateWrong
from campaigns.models import Activity
from campaigns.rules.plan import Plan
from campaigns.selectors.funnel import costs_of, results_of
from campaigns.selectors.giving import plan_for
from campaigns.selectors.settings import activity_settings
from campaigns.services.activities import amend_activity, create_activity
from campaigns.services.facts import TookPart, add_cost, is_within, record_participations
from campaigns.services.giving import ask_to_give
from core.api.batches import Batch, read_batch
from core.api.filters import StrictFilterBackend
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.references import Resolver
from members.api.scoping import ID_PATTERN

MAX_PARTICIPATIONS = 5_000
SOURCE = "api"


class ActivityFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=ActivityState.choices)


class ActivityViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Activity]):
    """Activities. Approval, start and end are people's steps, and have no address here."""

    tag = "activities"
    scope = "activities"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "campaigns.view_activity", "write": "campaigns.add_activity"}
    queryset = Activity.objects.prefetch_related("codes", "offers")
    serializer_class = ActivitySerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = ActivityFilter
    lookup_value_regex = ID_PATTERN

    @extend_schema(request=ActivityIn, responses={201: ActivitySerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make a draft. It starts when people have approved and scheduled it."""
        body = ActivityIn(data=request.data)
        body.is_valid(raise_exception=True)
        by = caller_of(request)
        empty = Plan(
            name="",
            level="",
            form="",
            owner_id=by.pk,
            channel="wecom",
            window_days=activity_settings().window_days,
        )
        made = create_activity(plan=replace(empty, **_named(body.validated_data)), by=by, now=timezone.now())
        return Response(self._body(made.pk), status.HTTP_201_CREATED)

    @extend_schema(request=ActivityIn(partial=True), responses={200: ActivitySerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft, or add to a running one in the members' favour; what is not named stays."""
        body = ActivityIn(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        activity = self._activity(pk)
        values = _named(body.validated_data)
        amend_activity(activity=activity, values=values, by=caller_of(request), now=timezone.now())
        return Response(self._body(activity.pk))

    @extend_schema(responses={200: ResultsSerializer}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=(), pagination_class=None)
    def results(self, request: Request, pk: str) -> Response:
        """The funnel as the facts say now, each rate with its interval and the band of its level.

        Sums of everybody: a program that is held to stores is not told them.
        """
        require_everybody(request)
        activity = self._activity(pk)
        return Response(ResultsSerializer(results_body(results_of([activity])[activity.pk])).data)

    @extend_schema(request=ParticipationBatchIn, responses={200: ParticipationDelivery}, filters=False)
    @action(detail=True, methods=["post"], url_path="participations", filter_backends=())
    @idempotent
    def participations(self, request: Request, pk: str) -> Response:
        """Say who took part, up to 5,000 at once. Good ones are stored; each bad one is named with its place."""
        activity = self._activity(pk)
        batch = read_batch(request.data, ParticipationIn(), limit=MAX_PARTICIPATIONS)
        if activity.state not in STARTED:
            raise ActivityStateWrong(_("Nobody can take part before the activity has started."))
        _resolve(batch, activity, request)
        rows = [
            TookPart(
                member_id=item["member_id"],
                kind=ParticipationKind(item["kind"]),
                occurred_at=item["occurred_at"],
            )
            for item in batch.good.values()
        ]
        counts = record_participations(
            activity=activity, rows=rows, source=SOURCE, by=caller_of(request), now=timezone.now()
        )
        return Response({"accepted": len(batch.good), "stored": counts.stored, "rejected": batch.report()})

    @extend_schema(request=GivingIn, responses={200: GivingSerializer}, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def give(self, request: Request, pk: str) -> Response:
        """Give a coupon to the whole frozen audience, within its stock and everybody's limit.

        A worker does it. Sums of everybody: a program that is held to stores is refused.
        """
        by = require_everybody(request)
        body = GivingIn(data=request.data)
        body.is_valid(raise_exception=True)
        offers = self._activity(pk).offers.select_related("activity", "coupon")
        offer = offers.filter(coupon=body.validated_data["coupon"]).first()
        if offer is None or offer.coupon is None:
            raise NotFound(fields={"coupon": [_("The activity has no such coupon.")]})
        dry = body.validated_data["dry_run"]
        plan = plan_for(offer, offer.coupon) if dry else ask_to_give(offer=offer, by=by, now=timezone.now())
        return Response({"would": plan.would, "without": dict(plan.without), "asked": not dry})

    @extend_schema(responses={200: CostSerializer(many=True)}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=(), pagination_class=None)
    def costs(self, request: Request, pk: str) -> Response:
        """What it cost, the latest first; what was taken back stays in the list. Not for keys that are held to stores."""
        require_everybody(request)
        return Response(CostSerializer(costs_of(self._activity(pk)), many=True).data)

    @extend_schema(request=CostIn, responses={201: CostSerializer}, filters=False)
    @costs.mapping.post
    @idempotent
    def record_cost(self, request: Request, pk: str) -> Response:
        """Record money spent. Not for keys that are held to stores: it counts in everybody's figures."""
        by = require_everybody(request)
        body = CostIn(data=request.data)
        body.is_valid(raise_exception=True)
        cost = add_cost(activity=self._activity(pk), **body.validated_data, by=by, now=timezone.now())
        return Response(CostSerializer(cost).data, status.HTTP_201_CREATED)

    def _activity(self, pk: str) -> Activity:
        found = Activity.objects.filter(pk=int(pk)).first()
        if found is None:
            raise NotFound
        return found

    def _body(self, pk: int) -> Any:
        rows: QuerySet[Activity] = self.get_queryset()
        return self.get_serializer(rows.get(pk=pk)).data


def _named(given: dict[str, Any]) -> dict[str, Any]:
    """By the fields of Plan."""
    values = dict(given)
    if "audience" in values:
        values["audience_id"] = values.pop("audience")
    return values | {name: tuple(values[name]) for name in ("codes", "coupons", "draws") if name in values}


def _resolve(batch: Batch, activity: Activity, request: Request) -> None:
    """Numbers for references within what the caller may see; moments within the activity."""
    now = timezone.now()
    found = Resolver((item["member"] for item in batch.good.values()), user=caller_of(request))
    for index, item in list(batch.good.items()):
        item["member_id"] = found.member_id(item["member"])
        if item["member_id"] is None:
            batch.reject(index, "member", "member_not_found", _("There is no such member."))
        elif not is_within(activity, item["occurred_at"], now=now):
            batch.reject(index, "occurred_at", "outside_activity", _("This lies outside of the activity."))
    batch.require_some()
