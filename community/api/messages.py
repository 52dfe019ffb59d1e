"""Messages of groups: sent in batches, read without their text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.api.callers import caller_of
from community.api.groups import group_of
from community.api.serializers import CoverIn, MessageBatchIn, MessageDelivery, MessageIn, MessageSerializer
from community.enums.messages import ChatReason
from community.models import Group, GroupMessage
from community.services.chat_reading import AHEAD, EARLIEST, Said
from community.services.deliveries import deliver_messages
from core.api.batches import Batch, read_batch
from core.api.filters import refuse_unknown
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent
from core.errors import ValidationFailed

MAX_MESSAGES = 5_000
PERMISSIONS = {"read": "community.view_groupmessage", "write": "community.add_groupmessage"}


class LatestFirst(CursorPages):
    ordering = ("-sent_at", "-id")


class GroupMessages(ApiMixin, mixins.ListModelMixin, GenericViewSet[GroupMessage]):
    """What was sent in one group, the latest first: by whom, when, how long, to whom. Never the text."""

    tag = "groups"
    scope = "group-messages"
    scope_permissions: ClassVar[dict[str, str]] = PERMISSIONS
    queryset = GroupMessage.objects.none()
    serializer_class = MessageSerializer
    pagination_class = LatestFirst

    @extend_schema(operation_id="groups_messages_list")
    def list(self, request: Request, group_id: str) -> Response:
        refuse_unknown(request, ())
        group = group_of(request, group_id)
        rows = GroupMessage.objects.filter(group=group)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(MessageSerializer(page, many=True).data)


class MessageViewSet(ApiMixin, ViewSet):
    """Messages of any groups that the key may see."""

    tag = "groups"
    scope = "group-messages"
    scope_permissions: ClassVar[dict[str, str]] = PERMISSIONS

    @extend_schema(request=MessageBatchIn, responses={200: MessageDelivery})
    @action(detail=False, methods=["post"])
    @idempotent
    def batch(self, request: Request) -> Response:
        """Store up to 5,000 messages. Good ones are stored once each; each bad one is named with place, field and reason.

        Whoever speaks and is not known becomes a participant of the group. A group of which nothing was sent for days
        reads “not observed”, unless covers_until says that nothing was said.
        """
        cover = _cover(request.data)
        batch = read_batch(
            request.data, MessageIn(), limit=MAX_MESSAGES, beside=tuple(CoverIn().fields), may_be_empty=bool(cover)
        )
        _check(batch, request)
        if batch.rejected or not cover:
            batch.require_some()
        rows = [_said(index, item) for index, item in batch.good.items()]
        covered = _covered(request, cover) if cover else {}
        counts = deliver_messages(rows=rows, by=caller_of(request), now=timezone.now(), **covered)
        return Response(
            {
                "accepted": len(rows),
                "stored": counts.stored,
                "already_stored": counts.already_stored,
                "rejected": batch.report(),
            }
        )


def _cover(body: Any) -> dict[str, Any]:
    """`covers_until` and `covers_groups` as they were sent; nothing without the first."""
    if not isinstance(body, Mapping):
        return {}
    given = CoverIn(data={name: body[name] for name in CoverIn().fields if name in body})
    given.is_valid(raise_exception=True)
    cover: dict[str, Any] = given.validated_data
    if "covers_until" not in cover:
        return {}
    if cover["covers_until"] > timezone.now() + AHEAD:
        raise ValidationFailed(fields={"covers_until": [_("This time has not come yet.")]})
    return cover


def _covered(request: Request, cover: dict[str, Any]) -> dict[str, Any]:
    visible = Group.objects.visible_to(caller_of(request))
    if "covers_groups" not in cover:
        fed = visible.filter(heard_until__isnull=False)
        return {"covers_until": cover["covers_until"], "covered": list(fed.values_list("pk", flat=True))}
    wanted = set(cover["covers_groups"])
    if wanted - set(visible.filter(pk__in=wanted).values_list("pk", flat=True)):
        raise ValidationFailed(fields={"covers_groups": [_("There is no such group.")]})
    return {"covers_until": cover["covers_until"], "covered": sorted(wanted)}


def _check(batch: Batch, request: Request) -> None:
    """Groups that the caller may see and that were open then; moments that can be."""
    wanted = {item["group"] for item in batch.good.values()}
    visible = Group.objects.visible_to(caller_of(request)).filter(pk__in=wanted)
    groups = dict(visible.values_list("pk", "closed_on"))
    latest = timezone.now() + AHEAD
    for index, item in list(batch.good.items()):
        if item["group"] not in groups:
            batch.reject(index, "group", "group_not_found", _("There is no such group."))
        elif (reason := _fault(item["sent_at"], groups[item["group"]], latest)) is not None:
            batch.reject(index, "sent_at", reason, str(ChatReason(reason).label))


def _fault(sent_at: datetime, closed_on: Any, latest: datetime) -> str | None:
    if sent_at > latest:
        return ChatReason.FUTURE_DATE
    if sent_at < EARLIEST:
        return ChatReason.TOO_OLD
    if closed_on is not None and timezone.localdate(sent_at) > closed_on:
        return ChatReason.GROUP_CLOSED
    return None


def _said(index: int, item: dict[str, Any]) -> Said:
    return Said(
        line=index,
        group_id=item["group"],
        sent_at=item["sent_at"].astimezone(UTC),
        kind=item["kind"],
        speaker=item["speaker"],
        nickname=item["nickname"] or item["speaker"][:100],
        text=item["text"],
        reply=item["reply_to"],
        number=item["number"],
    )
