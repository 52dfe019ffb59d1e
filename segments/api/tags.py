"""Tags: listed, made, given to members and taken from them."""

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
from core.api.batches import Batch, read_batch
from core.api.filters import StrictFilterBackend, YesNoFilter
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.references import MemberReferenceField, Resolver
from members.api.scoping import ID_PATTERN, MEMBER_ID, member_or_404
from members.models import Member
from segments.api.serializers import (
    MAX_TAGGED,
    MemberTagSerializer,
    TagDeliverySerializer,
    TagIn,
    TagMembersIn,
    TagSerializer,
)
from segments.enums import TagSource
from segments.models import MemberTag, Tag, TagGroup
from segments.services.tags import save_tag, save_tag_group, tag_members, untag_members


class TagFilter(django_filters.FilterSet):
    name = django_filters.CharFilter()
    is_active = YesNoFilter()


class TagViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Tag]):
    """Tags, and who has them."""

    tag = "tags"
    scope = "tags"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "segments.view_tag", "write": "segments.change_membertag"}
    queryset = Tag.objects.select_related("group")
    serializer_class = TagSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = TagFilter
    lookup_value_regex = ID_PATTERN

    @extend_schema(request=TagIn, responses={201: TagSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make a tag that is given by hand or by program."""
        body = TagIn(data=request.data)
        body.is_valid(raise_exception=True)
        values, now = body.validated_data, timezone.now()
        group = TagGroup.objects.filter(name=values["group"]).first()
        group = group or save_tag_group(name=values["group"], by=caller_of(request), now=now)
        tag = save_tag(
            group=group, name=values["name"], lasts_days=values["lasts_days"], by=caller_of(request), now=now
        )
        return Response(TagSerializer(tag).data, status.HTTP_201_CREATED)

    @extend_schema(request=TagMembersIn, responses={200: TagDeliverySerializer}, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def give(self, request: Request, pk: str) -> Response:
        """Give the tag to up to 5,000 members. A tag with a rule is a 409: its rule decides."""
        batch, members = _chosen(request)
        changed = tag_members(
            members=members, tag=self._tag(pk), by=caller_of(request), source=TagSource.API, now=timezone.now()
        )
        return Response({"accepted": len(batch.good), "changed": changed, "rejected": batch.report()})

    @extend_schema(request=TagMembersIn, responses={200: TagDeliverySerializer}, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def take(self, request: Request, pk: str) -> Response:
        """Take the tag from up to 5,000 members; those who do not have it are no fault."""
        batch, members = _chosen(request)
        changed = untag_members(members=members, tag=self._tag(pk), by=caller_of(request), now=timezone.now())
        return Response({"accepted": len(batch.good), "changed": changed, "rejected": batch.report()})

    def _tag(self, pk: str) -> Tag:
        found = self.get_queryset().filter(pk=int(pk)).first()
        if found is None:
            raise NotFound
        return found


class MemberTags(ApiMixin, mixins.ListModelMixin, GenericViewSet[MemberTag]):
    """What a member is tagged with, the latest first."""

    tag = "tags"
    scope = "tags"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "segments.view_membertag"}
    queryset = MemberTag.objects.none()
    serializer_class = MemberTagSerializer

    @extend_schema(parameters=[MEMBER_ID])
    def list(self, request: Request, member_id: str) -> Response:
        member = member_or_404(request, member_id)
        page = self.paginate_queryset(MemberTag.objects.filter(member=member).select_related("tag__group"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def _chosen(request: Request) -> tuple[Batch, QuerySet[Member]]:
    """The members of the body that the caller may see. Raises NothingAccepted where there are none."""
    batch = read_batch(request.data, MemberReferenceField(), limit=MAX_TAGGED)
    found = Resolver(batch.good.values(), user=caller_of(request))
    numbers: dict[int, Any] = {index: found.member_id(reference) for index, reference in batch.good.items()}
    for index, number in numbers.items():
        if number is None:
            batch.reject(index, "", "member_not_found", _("There is no such member."))
    batch.require_some()
    chosen = {numbers[index] for index in batch.good}
    return batch, Member.objects.visible_to(caller_of(request)).filter(pk__in=chosen)
