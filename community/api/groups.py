"""Groups and who is in them, read and written by programs."""

from datetime import date, timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of
from accounts.models import User
from accounts.selectors import stores_by_code
from community.api.serializers import (
    DaySerializer,
    FiguresSerializer,
    GroupIn,
    GroupSerializer,
    ParticipantBatchIn,
    ParticipantDelivery,
    ParticipantIn,
    ParticipantSerializer,
    figures_body,
)
from community.enums.groups import GroupState
from community.enums.messages import ChatReason
from community.errors.groups import GroupIsClosed, GroupNotValid
from community.models import Group, GroupParticipant, GroupType, Stay
from community.selectors.activity import days_of, group_settings, pulse_of
from community.selectors.people import figures_of
from community.services import groups as services
from community.services.deliveries import deliver_participants
from community.services.participants import AHEAD
from community.services.rosters import Entry, contradictions
from core.api.batches import Batch, read_batch
from core.api.filters import StrictFilterBackend, refuse_unknown
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound, ValidationFailed
from core.moments import NO_DAY, read_day
from members.api.references import Resolver
from members.api.scoping import ID_PATTERN
from members.models import Member

MAX_PARTICIPANTS = 5_000
MOST_DAYS = 731
SINCE = OpenApiParameter("since", OpenApiTypes.DATE, description="YYYY-MM-DD")
UNTIL = OpenApiParameter("until", OpenApiTypes.DATE, description="YYYY-MM-DD")
TEXTS = ("name", "source", "external_id", "note")


class GroupFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=GroupState.choices)
    type = django_filters.CharFilter(field_name="type__code", max_length=20)
    store = django_filters.CharFilter(field_name="store__code", max_length=64)
    source = django_filters.CharFilter(max_length=40)
    external_id = django_filters.CharFilter(max_length=128)


class GroupViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Group]):
    """Groups. Closing one and handing it over are people's steps, and have no address here."""

    tag = "groups"
    scope = "groups"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_group", "write": "community.change_group"}
    queryset = Group.objects.none()
    serializer_class = GroupSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = GroupFilter
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> QuerySet[Group]:
        return Group.objects.visible_to(caller_of(self.request)).select_related("type", "owner", "store")

    @extend_schema(request=GroupIn, responses={201: GroupSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Open a group. Somebody of the staff answers for it."""
        body = GroupIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        caller = caller_of(request)
        group = services.open_group(
            given=services.GroupIn(
                **{name: given[name] for name in TEXTS if name in given},
                type_id=_type(given["type"]),
                owner_id=_owner(given["owner"]),
                store_id=_store(given.get("store"), caller),
                opened_on=given["opened_on"],
                capacity=given.get("capacity", 200),
            ),
            by=caller,
            now=timezone.now(),
        )
        return Response(GroupSerializer(self._group(str(group.pk))).data, status.HTTP_201_CREATED)

    @extend_schema(request=GroupIn(partial=True), responses={200: GroupSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a group; what is not named stays."""
        body = GroupIn(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        caller = caller_of(request)
        group = self._group(pk)
        values = {**services.group_in(group).__dict__, **{name: given[name] for name in TEXTS if name in given}}
        for name in ("opened_on", "capacity"):
            values[name] = given.get(name, values[name])
        if "type" in given:
            values["type_id"] = _type(given["type"])
        if "owner" in given:
            values["owner_id"] = _owner(given["owner"])
        if "store" in given:
            values["store_id"] = _store(given["store"], caller)
        services.change_group(group=group, given=services.GroupIn(**values), by=caller, now=timezone.now())
        return Response(GroupSerializer(self._group(pk)).data)

    @extend_schema(responses={200: FiguresSerializer}, filters=False)
    @action(detail=True, methods=["get"], filter_backends=(), pagination_class=None)
    def figures(self, request: Request, pk: str) -> Response:
        """How it does beside the band of its type; who comes, stays, sleeps and buys."""
        refuse_unknown(request, ())
        group, limits, today = self._group(pk), group_settings(), timezone.localdate()
        pulse = pulse_of([group], today=today, window=limits.band_days)[group.pk]
        figures = figures_of([group], now=timezone.now(), today=today, sleeper_days=limits.sleeper_days)[group.pk]
        return Response(FiguresSerializer(figures_body(pulse, figures)).data)

    @extend_schema(responses={200: DaySerializer(many=True)}, parameters=[SINCE, UNTIL], filters=False)
    @action(detail=True, methods=["get"], filter_backends=(), pagination_class=None)
    def days(self, request: Request, pk: str) -> Response:
        """Messages, speakers, who came and who went, by local day: the last 30, or those named (two years at most)."""
        refuse_unknown(request, ("since", "until"))
        group = self._group(pk)
        until = _day(request, "until") or timezone.localdate()
        since = _day(request, "since") or until - timedelta(days=29)
        if not 0 <= (until - since).days < MOST_DAYS:
            raise ValidationFailed(fields={"since": [_("Between one day and two years are shown at once.")]})
        return Response(DaySerializer(days_of(group, since=since, until=until), many=True).data)

    def _group(self, pk: str) -> Group:
        found = self.get_queryset().filter(pk=int(pk)).first()
        if found is None:
            raise NotFound
        return found


class ParticipantViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[GroupParticipant]):
    """Who is or was in a group."""

    tag = "groups"
    scope = "groups"
    scope_permissions: ClassVar[dict[str, str]] = {
        "read": "community.view_groupparticipant",
        "write": "community.add_groupparticipant",
    }
    queryset = GroupParticipant.objects.none()
    serializer_class = ParticipantSerializer

    @extend_schema(operation_id="groups_participants_list")
    def list(self, request: Request, group_id: str) -> Response:
        """The latest to come first, each with her stays."""
        refuse_unknown(request, ())
        group = group_of(request, group_id)
        stays = Prefetch("stays", Stay.objects.order_by("joined_at", "id"))
        rows = GroupParticipant.objects.filter(group=group).select_related("staff").prefetch_related(stays)
        page = self.paginate_queryset(rows) or []
        numbers = [row.member_id for row in page if row.member_id]
        caller = caller_of(request)
        seen = Member.objects.visible_to(caller).filter(pk__in=numbers).values_list("pk", flat=True)
        context = {"visible": set(seen), "named": caller.has_perm("members.view_identity")}
        body = ParticipantSerializer(page, many=True, context=context)
        return self.get_paginated_response(body.data)

    @extend_schema(
        operation_id="groups_participants_batch", request=ParticipantBatchIn, responses={200: ParticipantDelivery}
    )
    @idempotent
    def batch(self, request: Request, group_id: str) -> Response:
        """Say who is in the group, up to 5,000 people at once. Good ones are stored; each bad one is named."""
        group = group_of(request, group_id)
        if not group.is_active:
            raise GroupIsClosed
        batch = read_batch(request.data, ParticipantIn(), limit=MAX_PARTICIPANTS)
        entries = _entries(batch, group, request)
        for line, reason, field in contradictions(list(entries.values())):
            batch.reject(line, _FIELDS.get(field, field), reason, str(ChatReason(reason).label))
        batch.require_some()
        chosen = [entry for index, entry in entries.items() if index in batch.good]
        deliver_participants(entries=chosen, by=caller_of(request), now=timezone.now())
        return Response({"accepted": len(chosen), "rejected": batch.report()})


_FIELDS = {"speaker_key": "key"}


def group_of(request: Request, group_id: str) -> Group:
    """The group, if there is one that the caller may see. Raises NotFound."""
    group = Group.objects.visible_to(caller_of(request)).filter(pk=int(group_id)).first()
    if group is None:
        raise NotFound
    return group


def _entries(batch: Batch, group: Group, request: Request) -> dict[int, Entry]:
    found = Resolver(
        (item["member"] for item in batch.good.values() if item["member"] is not None), user=caller_of(request)
    )
    entries: dict[int, Entry] = {}
    latest = timezone.now() + AHEAD
    for index, item in list(batch.good.items()):
        member_id = found.member_id(item["member"]) if item["member"] is not None else None
        if item["member"] is not None and member_id is None:
            batch.reject(index, "member", "member_not_found", _("There is no such member."))
        elif (fault := _fault(item, latest)) is not None:
            batch.reject(index, fault[0], fault[1], str(ChatReason(fault[1]).label))
        else:
            entries[index] = _entry(index, item, group, member_id)
    return entries


def _fault(item: dict[str, Any], latest: Any) -> tuple[str, str] | None:
    for name in ("joined_at", "left_at"):
        if item[name] is not None and item[name] > latest:
            return name, ChatReason.FUTURE_DATE
    if item["joined_at"] and item["left_at"] and item["left_at"] < item["joined_at"]:
        return "left_at", ChatReason.LEFT_BEFORE
    return None


def _entry(index: int, item: dict[str, Any], group: Group, member_id: int | None) -> Entry:
    return Entry(
        line=index,
        group_id=group.pk,
        speaker_key=item["key"],
        nickname=item["nickname"],
        role=item["role"],
        joined_at=item["joined_at"],
        left_at=item["left_at"],
        inviter=item["invited_by"],
        acknowledged=item["rules_seen"],
        member_id=member_id,
    )


def _type(code: str) -> int:
    found = GroupType.objects.filter(code=code, is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise GroupNotValid(fields={"type": [_("There is no such type of group.")]})
    return found


def _owner(username: str) -> int:
    found = User.objects.filter(username=username, is_active=True, is_staff=True).values_list("pk", flat=True).first()
    if found is None:
        raise GroupNotValid(fields={"owner": [_("There is no such member of staff.")]})
    return found


def _store(code: str | None, caller: User) -> int | None:
    """A program that is held to stores opens groups of these."""
    if code is None:
        if caller.reach == "all":
            return None
        raise GroupNotValid(fields={"store": [_("Say one of your stores.")]})
    found = stores_by_code({code}, user=caller).get(code)
    if found is None:
        raise GroupNotValid(fields={"store": [_("There is no such store.")]})
    return found


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    found = read_day(text)
    if found is None:
        raise ValidationFailed(fields={name: [NO_DAY]})
    return found
