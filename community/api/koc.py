"""KOC for programs: who is one, what the score is made of; invitations made and answers recorded."""

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
from community.api.koc_serializers import (
    AgreeIn,
    AnswerIn,
    InviteIn,
    KocScoreSerializer,
    KocSerializer,
    KocTextSerializer,
)
from community.enums.koc import AgreementKind, AnswerSource, KocLevel, KocState
from community.errors.koc import AnswerNotValid
from community.models import Koc, KocScore
from community.selectors.kocs import agreement_in_force
from community.services import kocs
from core.api.filters import StrictFilterBackend
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.references import Resolver
from members.api.scoping import ID_PATTERN
from members.models import Member


class KocFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=KocState.choices)
    level = django_filters.ChoiceFilter(choices=KocLevel.choices)


class KocViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Koc]):
    """KOC, invited ones too. Levels, pauses and ends are people's steps, and have no address here."""

    tag = "koc"
    scope = "koc"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_koc", "write": "community.add_koc"}
    queryset = Koc.objects.none()
    serializer_class = KocSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = KocFilter
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> QuerySet[Koc]:
        return Koc.objects.visible_to(caller_of(self.request))

    @extend_schema(request=InviteIn, responses={201: KocSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Record that a member is asked. Who may not be asked, or not yet: 422 with the reason."""
        asked = _read(InviteIn(data=request.data))
        reference = asked["member"]
        number = Resolver([reference], user=caller_of(request)).member_id(reference)
        member = Member.objects.filter(pk=number).first() if number else None
        if member is None:
            raise NotFound(fields={"member": [_("There is no such member.")]})
        koc = kocs.invite(member=member, by=caller_of(request), now=timezone.now(), reason=asked["reason"])
        return Response(KocSerializer(koc).data, status.HTTP_201_CREATED)

    @extend_schema(request=AnswerIn, responses={200: KocSerializer}, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def answer(self, request: Request, pk: str) -> Response:
        """Record her answer to the invitation. Her yes is consent to publishing, under the version that she was shown."""
        asked = _read(AnswerIn(data=request.data))
        values: dict[str, Any] = {"koc": self._koc(pk), "by": caller_of(request), "now": timezone.now()}
        if not asked["accepted"]:
            return Response(KocSerializer(kocs.decline(**values, reason=asked["reason"])).data)
        if "version" not in asked:
            raise AnswerNotValid(fields={"version": [_("Say to which version of the text she agreed.")]})
        koc = kocs.accept(**values, version=asked["version"], source=AnswerSource.API)
        return Response(KocSerializer(koc).data)

    @extend_schema(request=AgreeIn, responses={200: KocSerializer}, filters=False)
    @action(detail=True, methods=["post"], url_path="revenue-share", filter_backends=())
    @idempotent
    def revenue_share(self, request: Request, pk: str) -> Response:
        """Record that she agrees to the text on revenue share."""
        asked = _read(AgreeIn(data=request.data))
        koc = kocs.agree_to_share(
            koc=self._koc(pk),
            version=asked["version"],
            source=AnswerSource.API,
            by=caller_of(request),
            now=timezone.now(),
        )
        return Response(KocSerializer(koc).data)

    @extend_schema(responses={200: KocTextSerializer(many=True)}, filters=False)
    @action(detail=False, methods=["get"], filter_backends=(), pagination_class=None)
    def texts(self, request: Request) -> Response:
        """The texts in force, one on taking part and one on revenue share."""
        del request
        return Response(KocTextSerializer([agreement_in_force(kind) for kind in AgreementKind], many=True).data)

    def _koc(self, pk: str) -> Koc:
        found = self.get_queryset().filter(pk=int(pk)).first()
        if found is None:
            raise NotFound
        return found


class KocScoreViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[KocScore]):
    """Scores of members in groups as of the last run, the newest members first."""

    tag = "koc"
    scope = "koc"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_kocscore"}
    queryset = KocScore.objects.none()
    serializer_class = KocScoreSerializer
    filter_backends = (StrictFilterBackend,)
    lookup_value_regex = ID_PATTERN

    class NewestMembers(CursorPages):
        ordering = ("-member_id",)

    pagination_class = NewestMembers

    def get_queryset(self) -> QuerySet[KocScore]:
        return KocScore.objects.shown().visible_to(caller_of(self.request)).select_related("run__weights")


def _read(body: Any) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
