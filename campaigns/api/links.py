"""Tracked links: made, read with their clicks, given out to members under addresses of their own."""

from typing import Any, ClassVar

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
from campaigns.api.serializers import AddressesIn, AddressesOut, ClicksSerializer, LinkIn, LinkSerializer
from campaigns.errors import LinkNotValid
from campaigns.models import Activity, TrackedLink
from campaigns.rules.addresses import UTM
from campaigns.selectors.links import clicks_of
from campaigns.services.links import create_link, give_addresses
from content.models import Slot
from core.api.batches import read_batch
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.references import MemberReferenceField, Resolver
from members.api.scoping import ID_PATTERN

MAX_ADDRESSES = 5_000


class LinkViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[TrackedLink]):
    """Short links."""

    tag = "links"
    scope = "links"
    scope_permissions: ClassVar[dict[str, str]] = {
        "read": "campaigns.view_trackedlink",
        "write": "campaigns.add_trackedlink",
    }
    queryset = TrackedLink.objects.all()
    serializer_class = LinkSerializer
    lookup_value_regex = ID_PATTERN

    @extend_schema(request=LinkIn, responses={201: LinkSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make a link to an https address on a host of the list."""
        body = LinkIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        link = create_link(
            name=given["name"],
            target=given["target"],
            channel=given["channel"],
            utm={name: given[name] for name in UTM},
            activity=_activity(given["activity"]),
            slot=_slot(given["slot"]),
            by=caller_of(request),
            now=timezone.now(),
        )
        return Response(self.get_serializer(link).data, status.HTTP_201_CREATED)

    @extend_schema(responses={200: ClicksSerializer})
    @action(detail=True, methods=["get"], pagination_class=None)
    def clicks(self, request: Request, pk: str) -> Response:
        """How often it was followed, by people and by programs; a click is counted within half a minute.

        Sums of everybody: a program that is held to stores is not told them.
        """
        require_everybody(request)
        (found,) = clicks_of([self._link(pk)])
        return Response(ClicksSerializer(found).data)

    @extend_schema(request=AddressesIn, responses={200: AddressesOut})
    @action(detail=True, methods=["post"])
    @idempotent
    def addresses(self, request: Request, pk: str) -> Response:
        """An address of the link for each of up to 5,000 members: who follows it is known to be her."""
        link = self._link(pk)
        batch = read_batch(request.data, MemberReferenceField(), limit=MAX_ADDRESSES)
        found = Resolver(batch.good.values(), user=caller_of(request))
        numbers: dict[int, Any] = {index: found.member_id(reference) for index, reference in batch.good.items()}
        for index, number in numbers.items():
            if number is None:
                batch.reject(index, "", "member_not_found", _("There is no such member."))
        batch.require_some()
        chosen = {index: numbers[index] for index in batch.good}
        paths = give_addresses(link=link, member_ids=chosen.values(), by=caller_of(request), now=timezone.now())
        lines = [
            {"index": index, "member": number, "url": request.build_absolute_uri(paths[number])}
            for index, number in chosen.items()
        ]
        return Response({"addresses": lines, "rejected": batch.report()})

    def _link(self, pk: str) -> TrackedLink:
        rows: QuerySet[TrackedLink] = self.get_queryset()
        found = rows.filter(pk=int(pk)).first()
        if found is None:
            raise NotFound
        return found


def _slot(number: int | None) -> Slot | None:
    if number is None:
        return None
    slot = Slot.objects.filter(pk=number).first()
    if slot is None:
        raise LinkNotValid(fields={"slot": [_("There is no such slot.")]})
    return slot


def _activity(number: int | None) -> Activity | None:
    if number is None:
        return None
    activity = Activity.objects.filter(pk=number).first()
    if activity is None:
        raise LinkNotValid(fields={"activity": [_("There is no such activity.")]})
    return activity
