"""Slots for programs: listed, planned, and taken through their steps by the same verbs as on the pages."""

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of, require_everybody
from accounts.models import User
from content.api.serializers import (
    Nothing,
    SlotEdit,
    SlotIn,
    SlotMove,
    SlotOut,
    SlotPublish,
    SlotReason,
    SlotRestore,
    SlotResultOut,
)
from content.enums import SlotState
from content.models import ContentType, MaterialVersion, Slot, SlotResult, slot_owners
from content.pages.people import planners
from content.services import slots as services
from core.api.filters import StrictFilterBackend
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound, ValidationFailed
from members.api.scoping import ID_PATTERN
from segments.models import Audience

ACTIVITY = "activity"
PERMISSIONS: dict[str, str] = {"read": "content.view_slot", "write": "content.change_slot"}


class ByTime(CursorPages):
    ordering = ("planned_at", "id")


class SlotFilter(django_filters.FilterSet):
    planned_from = django_filters.IsoDateTimeFilter(field_name="planned_at", lookup_expr="gte")
    planned_before = django_filters.IsoDateTimeFilter(field_name="planned_at", lookup_expr="lt")
    state = django_filters.ChoiceFilter(choices=[(each.value, each.value) for each in SlotState])
    type = django_filters.CharFilter(field_name="type__code")


class SlotViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Slot]):
    """The content calendar."""

    tag = "content"
    scope = "content"
    scope_permissions: ClassVar[dict[str, str]] = PERMISSIONS
    queryset = Slot.objects.select_related("type", "owner")
    serializer_class = SlotOut
    pagination_class = ByTime
    filter_backends = (StrictFilterBackend,)
    filterset_class = SlotFilter
    lookup_value_regex = ID_PATTERN

    @extend_schema(request=SlotIn, responses={201: SlotOut})
    @idempotent
    def create(self, request: Request) -> Response:
        """Plan a slot. A moment that is over is a 422, one that is taken a 409 unless `allow_overlap` is set."""
        values = _read(SlotIn(data=request.data))
        type_ = ContentType.objects.filter(code=values.pop("type"), is_active=True).first()
        if type_ is None:
            raise ValidationFailed(fields={"type": [_("There is no such type.")]})
        owner, version = _owner(values.pop("owner")), _version(values.pop("version"))
        source = _source(values.pop("activity"))
        slot = services.create_slot(
            **{**values, "audience": _audience(values["audience"])},
            type=type_,
            owner=owner,
            version=version,
            source=source,
            by=caller_of(request),
            now=timezone.now(),
        )
        return Response(SlotOut(slot).data, status.HTTP_201_CREATED)

    @extend_schema(request=SlotEdit, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def edit(self, request: Request, pk: str) -> Response:
        """Change what the slot holds. Another material takes it back to draft unless that is approved.

        Another audience or length that brings it in the way of another slot is a 409 unless `allow_overlap` is set.
        """
        values, slot = _read(SlotEdit(data=request.data)), _slot(pk)
        overlap = values.pop("allow_overlap")
        told = ("title", "minutes", "account", "shown_on", "note")
        given: dict[str, Any] = {name: values[name] for name in told if name in values}
        if "owner" in values:
            given["owner_id"] = _owner(values["owner"]).pk
        if "version" in values:
            version = _version(values["version"])
            given["version_id"] = version.pk if version else None
        if "audience" in values:
            audience = _audience(values["audience"])
            given["audience_id"] = audience.pk if audience else None
        if "activity" in values:
            if slot.source_kind not in {"", ACTIVITY}:
                raise ValidationFailed(fields={"activity": [_("What a template laid stays the template's.")]})
            given["source_kind"], given["source_id"] = _source(values["activity"]) or ("", None)
        slot = services.edit_slot(
            slot=slot, values=given, allow_overlap=overlap, by=caller_of(request), now=timezone.now()
        )
        return Response(SlotOut(slot).data)

    @extend_schema(request=SlotMove, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def move(self, request: Request, pk: str) -> Response:
        """Plan it for another moment; with `seen_at`, only if nobody else moved it meanwhile."""
        return self._take(request, pk, services.move_slot, SlotMove)

    @extend_schema(request=Nothing, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def submit(self, request: Request, pk: str) -> Response:
        """Hand its material to the legal reviewers."""
        return self._take(request, pk, services.submit_slot, Nothing)

    @extend_schema(request=Nothing, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def schedule(self, request: Request, pk: str) -> Response:
        """From approved to scheduled; nothing unapproved can be."""
        return self._take(request, pk, services.schedule_slot, Nothing)

    @extend_schema(request=SlotReason, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def withdraw(self, request: Request, pk: str) -> Response:
        """Back to draft."""
        return self._take(request, pk, services.withdraw_slot, SlotReason)

    @extend_schema(request=SlotPublish, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def publish(self, request: Request, pk: str) -> Response:
        """Confirm that it has been published, where and when (without `published_at`: now); a missed slot too if it was scheduled."""
        return self._take(request, pk, services.publish_slot, SlotPublish)

    @extend_schema(request=SlotReason, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def cancel(self, request: Request, pk: str) -> Response:
        return self._take(request, pk, services.cancel_slot, SlotReason)

    @extend_schema(request=SlotRestore, responses=SlotOut, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def restore(self, request: Request, pk: str) -> Response:
        """Bring a cancelled slot back; where another stands in its place, that is a 409 unless `allow_overlap` is set."""
        return self._take(request, pk, services.restore_slot, SlotRestore)

    @extend_schema(responses=SlotResultOut(many=True), filters=False)
    @action(detail=True, methods=["get"], filter_backends=(), pagination_class=None)
    def results(self, request: Request, pk: str) -> Response:
        """Every metric that its type has a target for, as of the last measuring. Not for keys that are held to stores."""
        require_everybody(request)
        found = SlotResult.objects.filter(slot=_slot(pk)).order_by("id")
        return Response(SlotResultOut(found, many=True).data)

    def _take(self, request: Request, pk: str, step: Callable[..., Slot], body: type[Any]) -> Response:
        values = _read(body(data=request.data))
        slot = step(slot=_slot(pk), **values, by=caller_of(request), now=timezone.now())
        return Response(SlotOut(slot).data)


def _read(body: Any) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _slot(pk: str) -> Slot:
    found = Slot.objects.select_related("type", "owner").filter(pk=int(pk)).first()
    if found is None:
        raise NotFound
    return found


def _owner(username: str) -> User:
    found = planners().filter(username=username).first()
    if found is None:
        raise ValidationFailed(fields={"owner": [_("Nobody of that name plans content.")]})
    return found


def _source(activity: int | None) -> tuple[str, int] | None:
    if activity is None:
        return None
    if all(entry.find(activity) is None for entry in slot_owners if entry.code == ACTIVITY):
        raise ValidationFailed(fields={"activity": [_("There is no such activity.")]})
    return ACTIVITY, activity


def _version(number: int | None) -> MaterialVersion | None:
    if number is None:
        return None
    found = MaterialVersion.objects.select_related("material").filter(pk=number).first()
    if found is None:
        raise ValidationFailed(fields={"version": [_("There is no such material.")]})
    return found


def _audience(number: int | None) -> Audience | None:
    if number is None:
        return None
    found = Audience.objects.filter(pk=number).first()
    if found is None:
        raise ValidationFailed(fields={"audience": [_("There is no such audience.")]})
    return found
