"""Merging by programs: the same verbs, refusals and plan as in the admin."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.api.callers import caller_of
from core.api.fields import StrictSerializer, TextField
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.references import MemberReferenceField, Resolver
from members.api.scoping import MEMBER_ID, member_or_404
from members.models import Member, Merging
from members.services import merge_members, unmerge_member


class MergeIn(StrictSerializer):
    """Whom to merge, by her number or by an identity that is hers today, and how you know."""

    member = MemberReferenceField(help_text=_("The record that is led to the one of the address."))
    reason = TextField(max_length=300, help_text=_("How you know; kept in the audit log. At least four characters."))


class UnmergeIn(StrictSerializer):
    reason = TextField(max_length=300, help_text=_("How you know; kept in the audit log. At least four characters."))


class MergingSerializer(serializers.ModelSerializer[Merging]):
    """`member_id` was led to `into_id`; `undone_at` when that was taken back."""

    class Meta:
        model = Merging
        fields = ("member_id", "into_id", "at", "undone_at")


class MemberMerge(ApiMixin, ViewSet):
    """Two records of one person become one."""

    tag = "members"
    scope = "merging"
    scope_permissions: ClassVar[dict[str, str]] = {"write": "members.merge_member"}

    @extend_schema(parameters=[MEMBER_ID], request=MergeIn, responses={200: MergingSerializer})
    @idempotent
    def create(self, request: Request, member_id: str) -> Response:
        """Lead another record to this one, who stands for the person from now on.

        Nothing is moved: what was told of the other counts as hers, and the merge can be taken back. Members that may
        not be merged (an erasure asked for, data restricted on one side, a minor and an adult) are a 409 that says why.
        """
        keep = member_or_404(request, member_id)
        body = MergeIn(data=request.data)
        body.is_valid(raise_exception=True)
        other = _other(body.validated_data["member"], request)
        done = merge_members(
            keep=keep, merge=other, by=caller_of(request), reason=body.validated_data["reason"], now=timezone.now()
        )
        return Response(MergingSerializer(done).data)


class MemberUnmerge(ApiMixin, ViewSet):
    """A merge is taken back."""

    tag = "members"
    scope = "merging"
    scope_permissions: ClassVar[dict[str, str]] = {"write": "members.merge_member"}

    @extend_schema(
        parameters=[MEMBER_ID],
        request=UnmergeIn,
        responses={200: OpenApiResponse(MergingSerializer, description=str(_("These are two members again.")))},
    )
    @idempotent
    def create(self, request: Request, member_id: str) -> Response:
        """Let the record of the address stand for its person again, with what had been merged into it before.

        What was told since the merge stays with the record that stood for her. A record that is not merged is a 409.
        """
        member = member_or_404(request, member_id)
        if member.merged_into_id is not None:
            member_or_404(request, str(member.merged_into_id))
        body = UnmergeIn(data=request.data)
        body.is_valid(raise_exception=True)
        done = unmerge_member(
            member=member, by=caller_of(request), reason=body.validated_data["reason"], now=timezone.now()
        )
        return Response(MergingSerializer(done).data)


def _other(reference: Any, request: Request) -> Member:
    """The very record of that number, or whoever has the identity; within what the caller may see."""
    if reference.member_id:
        return member_or_404(request, str(reference.member_id))
    found = Resolver([reference], user=caller_of(request)).member_id(reference)
    if found is None:
        raise NotFound(fields={"member": [_("There is no such member.")]})
    return member_or_404(request, str(found))
