"""Members: listed, read, found by an identity, created, changed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.attributes import attributes_of
from members.api.filters import MemberFilterBackend
from members.api.merging import MergeIn, MergingSerializer, UnmergeIn, other_of
from members.api.scoping import ID_PATTERN, member_or_404
from members.api.serializers import IdentityIn, LookupIn, MemberChange, MemberIn, MemberSerializer
from members.models import Member
from members.models.member import MemberQuerySet
from members.selectors.masked import with_masked_identities
from members.selectors.persons import with_birthdays
from members.selectors.visibility import visible_members
from members.services import add_identity, create_member, merge_members, unmerge_member, update_member

MERGE = "members.merge_member"


class MemberViewSet(ApiMixin, GenericViewSet[Member]):
    """Customers that the brand can reach again."""

    tag = "members"
    scope = "members"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "members.view_member", "write": "members.change_member"}
    queryset = Member.objects.none()
    serializer_class = MemberSerializer
    filter_backends = (MemberFilterBackend,)
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> MemberQuerySet:
        members = Member.objects.visible_to(caller_of(self.request)).select_related("city", "home_store", "guide")
        return with_birthdays(members)

    def list(self, request: Request) -> Response:
        """Members, the newest first; those merged into another are left out."""
        del request
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset().active()))
        return self.get_paginated_response(self._shown(page or []))

    def retrieve(self, request: Request, pk: str) -> Response:
        """One member."""
        del request
        return Response(self._one(int(pk)))

    @extend_schema(request=MemberIn, responses={201: MemberSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Add a member. An identity that another member has already is a 409."""
        body = MemberIn(data=request.data)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        identities = values.pop("identities")
        member = create_member(
            by=caller_of(request),
            now=timezone.now(),
            identities=identities,
            **attributes_of(values, user=caller_of(request), new=True),
        )
        return Response(self._one(member.pk), status.HTTP_201_CREATED)

    @extend_schema(request=MemberChange)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change attributes; what is not sent stays."""
        member = member_or_404(request, pk)
        body = MemberChange(data=request.data)
        body.is_valid(raise_exception=True)
        update_member(
            member=member,
            by=caller_of(request),
            now=timezone.now(),
            **attributes_of(body.validated_data, user=caller_of(request), new=False),
        )
        return Response(self._one(member.pk))

    @extend_schema(request=LookupIn, filters=False)
    @action(detail=False, methods=["post"], access="read", filter_backends=())
    @idempotent
    def lookup(self, request: Request) -> Response:
        """The member with that identity; 404 if there is none."""
        body = LookupIn(data=request.data)
        body.is_valid(raise_exception=True)
        reference = body.validated_data["reference"]
        found = visible_members(ids=(), lookups={(reference.type, reference.lookup)}, user=caller_of(request))
        if not found:
            raise NotFound
        return Response(self._one(*found.values()))

    @extend_schema(request=IdentityIn, responses={201: MemberSerializer})
    @action(detail=True, methods=["post"])
    @idempotent
    def identities(self, request: Request, pk: str) -> Response:
        """Add something that the member is known by. If another member has it, that is a 409."""
        member = member_or_404(request, pk)
        body = IdentityIn(data=request.data)
        body.is_valid(raise_exception=True)
        add_identity(member=member, by=caller_of(request), now=timezone.now(), **body.validated_data)
        return Response(self._one(member.pk), status.HTTP_201_CREATED)

    @extend_schema(request=MergeIn, responses={200: MergingSerializer})
    @action(detail=True, methods=["post"], scope="merging", scope_permissions={"write": MERGE})
    @idempotent
    def merge(self, request: Request, pk: str) -> Response:
        """Lead another record to this one, who stands for the person from now on.

        Nothing is moved: what was told of the other counts as hers, and the merge can be taken back. Members that may
        not be merged (an erasure asked for, one restricted and the other not, a minor and an adult) are a 409 that says
        why.
        """
        keep = member_or_404(request, pk)
        body = MergeIn(data=request.data)
        body.is_valid(raise_exception=True)
        other = other_of(body.validated_data["member"], request)
        reason = body.validated_data["reason"]
        done = merge_members(keep=keep, merge=other, by=caller_of(request), reason=reason, now=timezone.now())
        return Response(MergingSerializer(done).data)

    @extend_schema(request=UnmergeIn, responses={200: MergingSerializer})
    @action(detail=True, methods=["post"], scope="merging", scope_permissions={"write": MERGE})
    @idempotent
    def unmerge(self, request: Request, pk: str) -> Response:
        """Let this record stand for its person again, with what had been merged into it before.

        What was told since the merge stays with the record that stood for her. A record that is not merged is a 409.
        """
        member = member_or_404(request, pk)
        member_or_404(request, str(member.owner_id))
        body = UnmergeIn(data=request.data)
        body.is_valid(raise_exception=True)
        reason = body.validated_data["reason"]
        done = unmerge_member(member=member, by=caller_of(request), reason=reason, now=timezone.now())
        return Response(MergingSerializer(done).data)

    def _one(self, pk: int) -> Any:
        member = self.get_queryset().filter(pk=pk).first()
        if member is None:
            raise NotFound
        return self._shown([member])[0]

    def _shown(self, members: Sequence[Member]) -> Any:
        return MemberSerializer(with_masked_identities(members), many=True, context=self.get_serializer_context()).data
