"""Violations and titles for programs: read, reported, appealed. What was said is not given out, and nothing is decided."""

from typing import ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.callers import caller_of
from community.enums.moderation import AppealOutcome, Outcome, ViolationKind, ViolationState
from community.enums.titles import LostWhy, TitleKind
from community.errors.moderation import ReportNotValid
from community.models import Appeal, Group, GroupParticipant, TitleHolding, Violation
from community.services.appealing import LONGEST_APPEAL, file_appeal
from community.services.reporting import LONGEST_REPORT, report_violation
from core.api.fields import INT64, BooleanField, MomentField, StrictSerializer, TextField, WholeField
from core.api.filters import StrictFilterBackend, YesNoFilter
from core.api.views import ApiMixin, idempotent
from core.errors import NotFound
from members.api.scoping import ID_PATTERN


class ViolationSerializer(serializers.ModelSerializer[Violation]):
    """`by_machine`: of the first decision, null until there is one; `muted_until` is set while a mute holds."""

    group = serializers.IntegerField(source="group_id")
    participant = serializers.IntegerField(source="participant_id")
    message = serializers.IntegerField(source="message_id", allow_null=True)
    kind = serializers.ChoiceField(choices=ViolationKind.choices)
    state = serializers.ChoiceField(choices=ViolationState.choices)
    outcome = serializers.ChoiceField(choices=[("", ""), *Outcome.choices])
    by_machine = serializers.SerializerMethodField()
    appealed = serializers.SerializerMethodField()

    class Meta:
        model = Violation
        fields = (
            *("id", "group", "participant", "message", "kind", "sensitive", "occurred_at", "detected_at", "state"),
            *("outcome", "by_machine", "decided_at", "muted_until", "appealed"),
        )

    def get_by_machine(self, violation: Violation) -> bool | None:
        return None if violation.state == ViolationState.OPEN else violation.by_machine

    def get_appealed(self, violation: Violation) -> bool:
        return hasattr(violation, "appeal")


class ReportIn(StrictSerializer):
    participant = WholeField(help_text=_("The number of a participant of a group."))
    text = TextField(max_length=LONGEST_REPORT, help_text=_("What was said or done. Kept sealed, for a while."))
    occurred_at = MomentField()
    sensitive = BooleanField(required=False, default=False)


class AppealIn(StrictSerializer):
    text = TextField(max_length=LONGEST_APPEAL, help_text=_("What the participant says."))


class AppealSerializer(serializers.ModelSerializer[Appeal]):
    """Without her words; `outcome` is empty until a person has answered."""

    violation = serializers.IntegerField(source="violation_id")
    outcome = serializers.ChoiceField(choices=[("", ""), *AppealOutcome.choices])

    class Meta:
        model = Appeal
        fields = ("id", "violation", "made_at", "outcome", "decided_at")


class WholeFilter(django_filters.NumberFilter):
    """A whole number that fits 64 bits; anything else is refused."""

    field_class = forms.IntegerField

    def __init__(self, *, field_name: str) -> None:
        super().__init__(field_name=field_name, min_value=1, max_value=INT64)


class ViolationFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=ViolationState.choices)
    kind = django_filters.ChoiceFilter(choices=ViolationKind.choices)
    group = WholeFilter(field_name="group_id")


class ViolationViewSet(ApiMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Violation]):
    """Violations in the groups that the caller may see. People decide them, and have no address here."""

    tag = "moderation"
    scope = "moderation"
    scope_permissions: ClassVar[dict[str, str]] = {
        "read": "community.view_violation",
        "write": "community.add_violation",
    }
    queryset = Violation.objects.all()
    serializer_class = ViolationSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = ViolationFilter
    lookup_value_regex = ID_PATTERN

    def get_queryset(self) -> QuerySet[Violation]:
        return Violation.objects.visible_to(caller_of(self.request)).select_related("appeal")

    @extend_schema(request=ReportIn, responses={201: ViolationSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Report what a participant said or did; a person decides it."""
        body = ReportIn(data=request.data)
        body.is_valid(raise_exception=True)
        by = caller_of(request)
        given = dict(body.validated_data)
        number = given.pop("participant")
        seen = GroupParticipant.objects.filter(group__in=Group.objects.visible_to(by))
        participant = seen.filter(pk=number).first()
        if participant is None:
            raise ReportNotValid(fields={"participant": [_("There is no such participant.")]})
        made = report_violation(participant=participant, **given, by=by, now=timezone.now())
        return Response(self.get_serializer(made).data, status.HTTP_201_CREATED)

    @extend_schema(request=AppealIn, responses={201: AppealSerializer}, filters=False)
    @action(detail=True, methods=["post"], filter_backends=())
    @idempotent
    def appeal(self, request: Request, pk: str) -> Response:
        """File what the participant says against the decision; another person than who decided answers it."""
        body = AppealIn(data=request.data)
        body.is_valid(raise_exception=True)
        violation = self.get_queryset().filter(pk=int(pk)).first()
        if violation is None:
            raise NotFound
        made = file_appeal(
            violation=violation, text=body.validated_data["text"], by=caller_of(request), now=timezone.now()
        )
        return Response(AppealSerializer(made).data, status.HTTP_201_CREATED)


class HoldingSerializer(serializers.ModelSerializer[TitleHolding]):
    """A title held or once held; `lost_on` is null while it is held."""

    group = serializers.IntegerField(source="group_id")
    participant = serializers.IntegerField(source="participant_id")
    title = serializers.CharField(source="title.name")
    kind = serializers.ChoiceField(choices=TitleKind.choices, source="title.kind")
    level = serializers.IntegerField(source="title.level")
    lost_why = serializers.ChoiceField(choices=[("", ""), *LostWhy.choices])

    class Meta:
        model = TitleHolding
        fields = (
            *("id", "group", "participant", "title", "kind", "level", "since", "active_days", "messages", "mentioned"),
            *("lost_on", "lost_why"),
        )


class HoldingFilter(django_filters.FilterSet):
    group = WholeFilter(field_name="group_id")
    participant = WholeFilter(field_name="participant_id")
    held = YesNoFilter(field_name="lost_on", lookup_expr="isnull")


class TitleHoldingViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[TitleHolding]):
    """Titles of participants in the groups that the caller may see."""

    tag = "moderation"
    scope = "titles"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "community.view_titleholding"}
    queryset = TitleHolding.objects.all()
    serializer_class = HoldingSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = HoldingFilter

    def get_queryset(self) -> QuerySet[TitleHolding]:
        groups = Group.objects.visible_to(caller_of(self.request))
        return TitleHolding.objects.filter(group__in=groups).select_related("title")
