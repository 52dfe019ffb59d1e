"""Consent events written and read by programs, and the gate asked."""

from collections import Counter
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
from compliance.api.serializers import (
    ConsentBatchIn,
    ConsentDelivery,
    ConsentIn,
    ConsentOut,
    QuestionOfMany,
    QuestionOfOne,
    VerdictOut,
    VerdictsOut,
)
from compliance.enums.consent import GRANTS, ConsentSource
from compliance.models import ConsentEvent
from compliance.selectors.consent import restricted_or_erased
from compliance.selectors.gate import Verdict, may_contact, verdicts
from compliance.services.consent import ConsentIn as Said
from compliance.services.consent import record_all
from core.api.batches import Batch, read_batch
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.references import Resolver
from members.api.scoping import MEMBER_ID, member_or_404
from members.selectors.persons import records_of_person

MAX_EVENTS = 5_000


class NewestFirst(CursorPages):
    ordering = ("-occurred_at", "-id")


class ConsentViewSet(ApiMixin, ViewSet):
    """What members said elsewhere: in a shop, a mini program, on paper."""

    tag = "consents"
    scope = "consents"
    scope_permissions: ClassVar[dict[str, str]] = {"write": "compliance.add_consentevent"}

    @extend_schema(request=ConsentBatchIn, responses={200: ConsentDelivery})
    @action(detail=False, methods=["post"])
    @idempotent
    def batch(self, request: Request) -> Response:
        """Record up to 5,000 consent events. Good ones are stored; each bad one is named with place, field and reason.

        An event that is stored already is not stored again. History may come in any order: what holds is the latest
        by `occurred_at`, and at the same moment a withdrawal wins.
        """
        batch = read_batch(request.data, ConsentIn(), limit=MAX_EVENTS)
        _resolve(batch, request)
        batch.require_some()
        said = [
            Said(
                member_id=item["member_id"],
                **{name: item[name] for name in item if name not in {"member", "member_id"}},
            )
            for item in batch.good.values()
        ]
        counts = record_all(said=said, source=ConsentSource.API, by=caller_of(request), now=timezone.now())
        return Response(
            {
                "accepted": len(batch.good),
                "stored": counts.stored,
                "already_stored": counts.already_stored,
                "rejected": batch.report(),
            }
        )


class MemberConsents(ApiMixin, mixins.ListModelMixin, GenericViewSet[ConsentEvent]):
    """The consent events of one member."""

    tag = "consents"
    scope = "consents"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "compliance.view_consentevent"}
    queryset = ConsentEvent.objects.none()
    serializer_class = ConsentOut
    pagination_class = NewestFirst

    @extend_schema(parameters=[MEMBER_ID])
    def list(self, request: Request, member_id: str) -> Response:
        """What she said, the latest first, by whichever of her records: those merged into hers are hers."""
        member = member_or_404(request, member_id)
        events = ConsentEvent.objects.filter(member__in=records_of_person(member.pk)).select_related("notice")
        page = self.paginate_queryset(events)
        return self.get_paginated_response(ConsentOut(page, many=True).data)


class GateViewSet(ApiMixin, ViewSet):
    """May somebody be contacted? Asking changes nothing and is no permission: a send asks again as it goes out."""

    tag = "gate"
    scope = "gate"
    access = "read"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "compliance.view_consentstate"}

    @extend_schema(request=QuestionOfOne, responses={200: VerdictOut})
    @action(detail=False, methods=["post"])
    @idempotent
    def check(self, request: Request) -> Response:
        """Ask for one member."""
        asked = _read(QuestionOfOne(data=request.data))
        member_id = Resolver([asked["member"]], user=caller_of(request)).member_id(asked["member"])
        if member_id is None:
            raise NotFound(fields={"member": [_("There is no such member.")]})
        verdict = may_contact(
            member_id, purpose=asked["purpose"], channel=asked["channel"], at=asked["at"] or timezone.now()
        )
        return Response(_plain(verdict))

    @extend_schema(request=QuestionOfMany, responses={200: VerdictsOut})
    @action(detail=False, methods=["post"], url_path="check-batch")
    @idempotent
    def check_batch(self, request: Request) -> Response:
        """Ask for up to 1,000 members at once."""
        asked = _read(QuestionOfMany(data=request.data))
        found = Resolver(asked["members"], user=caller_of(request))
        ids = [found.member_id(reference) for reference in asked["members"]]
        if not any(ids):
            raise NotFound(fields={"members": [_("There is no such member.")]})
        answers = verdicts(
            sorted({number for number in ids if number}),
            purpose=asked["purpose"],
            channel=asked["channel"],
            at=asked["at"] or timezone.now(),
        )
        return Response(
            {
                "verdicts": [_plain(answers[number]) for number in dict.fromkeys(ids) if number],
                "not_found": [place for place, number in enumerate(ids) if number is None],
                "counts": dict(Counter(verdict.reason.value for verdict in answers.values())),
            }
        )


def _read(body: Any) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "member": verdict.member_id,
        "allowed": verdict.allowed,
        "reason": verdict.reason.value,
        "refusals": [reason.value for reason in verdict.refusals],
    }


def _resolve(batch: Batch, request: Request) -> None:
    """Numbers for references; members whom the caller may not know of are not found, and erased ones consent to nothing."""
    found = Resolver((item["member"] for item in batch.good.values()), user=caller_of(request))
    for index, item in list(batch.good.items()):
        item["member_id"] = found.member_id(item["member"])
        if item["member_id"] is None:
            batch.reject(index, "member", "member_not_found", _("There is no such member."))
    standing = restricted_or_erased([item["member_id"] for item in batch.good.values()])
    for index, item in list(batch.good.items()):
        status = standing.get(item["member_id"])
        if item["action"] in GRANTS and status is not None and status.erased_at is not None:
            batch.reject(index, "member", "member_erased", _("The data of this member have been erased."))
