"""Audiences: listed, made, changed, counted, and who is in one."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of
from accounts.enums import Reach
from core.api.fields import CodeField, PropertiesField, StrictSerializer, TextField, WholeField
from core.api.filters import StrictFilterBackend
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.scoping import ID_PATTERN
from members.models import Member
from segments.enums import AudienceState
from segments.models import Audience
from segments.pages.audience_words import phrase_of
from segments.selectors.audiences import Estimate, estimate, members_of
from segments.services import audiences as services

LARGEST_RULE = 32_000  # bytes
RULE = _(
    "A tree. Groups: all, any, not. Conditions: filter (parameters of one filter of the list of members), purchases, "
    "interactions, consent, audience."
)


class AudienceSerializer(serializers.ModelSerializer[Audience]):
    """`size` counts everybody who matched when it was refreshed: null before, and for keys held to stores."""

    rule = serializers.JSONField(help_text=RULE)
    sentence = serializers.SerializerMethodField(help_text=_("The rule in words, in the language of the request."))
    size = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=AudienceState.choices)

    class Meta:
        model = Audience
        fields = ("id", "name", "description", "rule", "sentence", "state", "version", "size", "refreshed_at")

    def get_sentence(self, audience: Audience) -> str:
        return str(phrase_of(audience.rule))

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_size(self, audience: Audience) -> int | None:
        user = caller_of(self.context["request"])
        return audience.size if user.reach == Reach.ALL else None


class AudienceIn(StrictSerializer):
    name = CodeField(max_length=80)
    description = TextField(max_length=300, required=False, allow_blank=True, default="")
    rule = PropertiesField(limit=LARGEST_RULE, help_text=RULE)


class AudienceChange(StrictSerializer):
    """What is not sent stays. With `version`, the change is refused where somebody else changed it since."""

    name = CodeField(max_length=80, required=False)
    description = TextField(max_length=300, required=False, allow_blank=True)
    rule = PropertiesField(limit=LARGEST_RULE, required=False, help_text=RULE)
    version = WholeField(required=False)


class EstimateIn(StrictSerializer):
    rule = PropertiesField(limit=LARGEST_RULE, help_text=RULE)


class EstimateSerializer(serializers.Serializer[Estimate]):
    """How many of the members that the key sees match now, and the numbers of a few of them."""

    size = serializers.IntegerField()
    sample = serializers.ListField(child=serializers.IntegerField())


class AudienceMemberSerializer(serializers.ModelSerializer[Member]):
    member_id = serializers.IntegerField(source="pk")

    class Meta:
        model = Member
        fields = ("member_id",)


class AudienceFilter(django_filters.FilterSet):
    name = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=AudienceState.choices)


class AudienceViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Audience]):
    """Saved filters of members, counted every hour."""

    tag = "audiences"
    scope = "audiences"
    scope_permissions: ClassVar[dict[str, str]] = {
        "read": "segments.view_audience",
        "write": "segments.change_audience",
    }
    queryset = Audience.objects.all()
    serializer_class = AudienceSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = AudienceFilter
    lookup_value_regex = ID_PATTERN

    @extend_schema(request=AudienceIn, responses={201: AudienceSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make an audience. A rule that cannot be understood is a 400 that names the parts at fault."""
        body = AudienceIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = services.create(**body.validated_data, by=caller_of(request), now=timezone.now())
        return Response(self.get_serializer(made).data, status.HTTP_201_CREATED)

    @extend_schema(request=AudienceChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an audience; a new rule is counted by the next refresh."""
        audience = self._audience(pk)
        body = AudienceChange(data=request.data)
        body.is_valid(raise_exception=True)
        kept = services.update(audience=audience, **body.validated_data, by=caller_of(request), now=timezone.now())
        return Response(self.get_serializer(kept).data)

    @extend_schema(request=EstimateIn, responses={200: EstimateSerializer}, filters=False)
    @action(detail=False, methods=["post"], access="read", filter_backends=())
    @idempotent
    def estimate(self, request: Request) -> Response:
        """Count a rule without keeping it."""
        body = EstimateIn(data=request.data)
        body.is_valid(raise_exception=True)
        found = estimate(body.validated_data["rule"], now=timezone.now(), by=caller_of(request))
        return Response(EstimateSerializer(found).data)

    @extend_schema(responses=AudienceMemberSerializer(many=True), filters=False)
    @action(detail=True, filter_backends=(), pagination_class=CursorPages)
    def members(self, request: Request, pk: str) -> Response:
        """Who is in it now, among the members that the key sees, the newest first. Large pages cost less: each is found anew."""
        found: QuerySet[Any] = self._members(request, self._audience(pk))
        page: list[Any] = list(self.paginate_queryset(found) or ())
        return self.get_paginated_response(AudienceMemberSerializer(page, many=True).data)

    def _members(self, request: Request, audience: Audience) -> QuerySet[Member]:
        user = caller_of(request)
        visible = Member.objects.visible_to(user)
        within = None if user.reach == Reach.ALL else visible
        found = members_of(audience, now=timezone.now(), within=within)
        return (found if within is None else found.filter(pk__in=visible.values("pk"))).only("pk")

    def _audience(self, pk: str) -> Audience:
        found = self.get_queryset().filter(pk=int(pk)).first()
        if found is None:
            raise NotFound
        return found
