"""Types, materials and the cadence for programs."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.fields import IntegerField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.api.callers import caller_of
from content.api.serializers import (
    BodyIn,
    MaterialIn,
    MaterialOut,
    StandingOut,
    SuggestionOut,
    TypeOut,
    VersionOut,
)
from content.enums import MaterialKind
from content.models import CadenceRule, ContentType, Material, MaterialVersion
from content.pages.words import reason_words
from content.selectors.cadence import standings, suggestions_for
from content.selectors.materials import library
from content.services.materials import Body, add_version, create_material
from core.api.fields import MomentField
from core.api.filters import StrictFilterBackend, refuse_unknown
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound, ValidationFailed
from members.api.scoping import ID_PATTERN
from segments.enums import AudienceState
from segments.models import Audience

MOST_NUMBER = 2**63 - 1
FOR_AUDIENCE = OpenApiParameter(
    "audience", OpenApiTypes.INT, description="A saved audience, by whose active hours; without it: everybody's."
)
AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="A moment in the period; without it: now.")


class TypeViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[ContentType]):
    """Types of content."""

    tag = "content"
    scope = "content"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "content.view_slot"}
    queryset = ContentType.objects.all()
    serializer_class = TypeOut


class MaterialFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=[(each.value, each.value) for each in MaterialKind])


class MaterialViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[Material]):
    """The material library; files are uploaded on its page."""

    tag = "content"
    scope = "content"
    scope_permissions: ClassVar[dict[str, str]] = {
        "read": "content.view_material",
        "write": "content.change_material",
    }
    queryset = Material.objects.none()
    serializer_class = MaterialOut
    filter_backends = (StrictFilterBackend,)
    filterset_class = MaterialFilter
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> QuerySet[Material]:
        return library()

    @extend_schema(request=MaterialIn, responses={201: VersionOut})
    @idempotent
    def create(self, request: Request) -> Response:
        """Add a text, a link or a page of a mini program; the lexicon reads it at once."""
        body = MaterialIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        kind = values.pop("kind")
        version = create_material(kind=kind, body=Body(**values), by=caller_of(request), now=timezone.now())
        return Response(VersionOut(version).data, status.HTTP_201_CREATED)

    @extend_schema(responses=VersionOut(many=True), filters=False)
    @action(detail=True, methods=["get"], filter_backends=(), pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """The newest first."""
        del request
        found = MaterialVersion.objects.filter(material=_material(pk)).order_by("-number")
        return Response(VersionOut(found, many=True).data)

    @extend_schema(request=BodyIn, responses={201: VersionOut}, filters=False)
    @action(detail=True, methods=["post"], filter_backends=(), url_path="add-version")
    @idempotent
    def add_version(self, request: Request, pk: str) -> Response:
        """The next version, which needs a review of its own; the same once more is the version that is there."""
        body = BodyIn(data=request.data)
        body.is_valid(raise_exception=True)
        version = add_version(
            material=_material(pk), body=Body(**body.validated_data), by=caller_of(request), now=timezone.now()
        )
        return Response(VersionOut(version).data, status.HTTP_201_CREATED)


class CadenceViewSet(ApiMixin, ViewSet):
    """The cadence: what is published, planned and missing."""

    tag = "content"
    scope = "content"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "content.view_slot"}
    lookup_value_regex = ID_PATTERN

    @extend_schema(parameters=[AT], responses=StandingOut(many=True))
    def list(self, request: Request) -> Response:
        """Every rule in use, in its period that holds `at`."""
        return Response(StandingOut(standings(at=_at(request)), many=True).data)

    @extend_schema(parameters=[AT, FOR_AUDIENCE], responses=SuggestionOut(many=True))
    @action(detail=True, methods=["get"])
    def suggestions(self, request: Request, pk: str) -> Response:
        """Where one more slot of the rule would stand best in the rest of the period, the best first."""
        rule = CadenceRule.objects.select_related("type").filter(pk=int(pk), is_active=True).first()
        if rule is None:
            raise NotFound
        moment, audience = _at(request, "audience"), _audience(request)
        found = suggestions_for(rule, at=moment, owner=None, audience=audience, now=timezone.now())
        return Response(SuggestionOut([_plain(each) for each in found], many=True).data)


def _plain(suggestion: Any) -> dict[str, Any]:
    reasons = [
        {"code": reason.code, "points": reason.points, "words": reason_words(reason)} for reason in suggestion.reasons
    ]
    return {"at": suggestion.at, "score": suggestion.score, "reasons": reasons}


def _audience(request: Request) -> Audience | None:
    """None where none is asked for."""
    text = request.query_params.get("audience")
    if text is None:
        return None
    number = IntegerField(min_value=1, max_value=MOST_NUMBER).run_validation(text)
    found = Audience.objects.filter(pk=number, state=AudienceState.ACTIVE).first()
    if found is None:
        raise ValidationFailed(fields={"audience": [_("There is no such audience.")]})
    return found


def _at(request: Request, *others: str) -> Any:
    refuse_unknown(request, {"at", *others})
    text = request.query_params.get("at")
    if text is None:
        return timezone.now()
    moment = MomentField().run_validation(text.replace(" ", "+"))
    if not 1950 <= moment.year <= 2090:  # noqa: PLR2004  # as far as calendars reach
        raise ValidationFailed(fields={"at": [_("Between the years 1950 and 2090.")]})
    return moment


def _material(pk: str) -> Material:
    found = Material.objects.filter(pk=int(pk)).first()
    if found is None:
        raise NotFound
    return found
