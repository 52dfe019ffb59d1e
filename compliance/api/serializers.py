"""Bodies of consent events and of questions to the gate."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from compliance.enums.consent import GRANTS, REACHING_CHOICES, Channel, ConsentAction, Purpose, Reason
from compliance.models import ConsentEvent
from compliance.rules.consent import SKEW, is_asked_by_channel, is_purpose
from core.api.fields import BooleanField, ChoiceField, CodeField, MomentField, StrictSerializer, TextField
from members.api.references import MemberReferenceField

OLDEST_YEAR = 1990


class PurposeField(CodeField):
    """One of the purposes, or `provide:<recipient>`."""

    default_error_messages = {"purpose": _("There is no such purpose.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=56, help_text=_("marketing, personalisation, sensitive, publish or provide:…"), **kwargs
        )

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_purpose(text):
            self.fail("purpose")
        return text


class ConsentIn(StrictSerializer):
    """What a member said. With `key` your own number of the event; the same event is stored once."""

    member = MemberReferenceField()
    purpose = PurposeField()
    channel = ChoiceField(choices=Channel.choices, required=False, default=Channel.ANY)
    action = ChoiceField(choices=ConsentAction.choices)
    occurred_at = MomentField()
    notice_hash = TextField(max_length=64, required=False, allow_blank=True, default="")
    language = TextField(max_length=12, required=False, allow_blank=True, default="")
    page = TextField(max_length=200, required=False, allow_blank=True, default="", help_text=_("Where she was asked."))
    wording = TextField(
        max_length=500, required=False, allow_blank=True, default="", help_text=_("The words beside the choice.")
    )
    preset = BooleanField(required=False, default=False, help_text=_("Whether the box was ticked beforehand."))
    note = TextField(max_length=300, required=False, allow_blank=True, default="")
    key = TextField(max_length=200, required=False, allow_blank=True, default="")

    def validate_occurred_at(self, moment: datetime) -> datetime:
        if moment > timezone.now() + SKEW:
            raise serializers.ValidationError(_("This lies in the future."), code="future_date")
        if moment.year < OLDEST_YEAR:
            raise serializers.ValidationError(_("This is before 1990."), code="too_old")
        return moment

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["channel"] != Channel.ANY and not is_asked_by_channel(attrs["purpose"]):
            message = _("Only marketing is asked for by channel; everything else for all at once.")
            raise serializers.ValidationError(
                {"channel": [serializers.ErrorDetail(str(message), code="not_by_channel")]}
            )
        if attrs["preset"] and attrs["action"] in GRANTS:
            message = _("A box that was ticked beforehand is no consent (PIPL Art. 14).")
            raise serializers.ValidationError({"preset": [serializers.ErrorDetail(str(message), code="preset")]})
        return attrs


class ConsentBatchIn(serializers.Serializer[Any]):
    items = serializers.ListField(child=ConsentIn(), min_length=1, max_length=5_000)


class RejectedConsent(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    message = serializers.CharField()


class ConsentDelivery(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    stored = serializers.IntegerField()
    already_stored = serializers.IntegerField()
    rejected = RejectedConsent(many=True)


class ConsentOut(serializers.ModelSerializer[ConsentEvent]):
    notice_version = serializers.IntegerField(source="notice.number", default=None, allow_null=True)

    class Meta:
        model = ConsentEvent
        fields = (
            *("id", "purpose", "channel", "action", "occurred_at", "received_at", "notice_version", "notice_hash"),
            *("language", "source", "page", "wording"),
        )


class Question(StrictSerializer):
    """A question to the gate; without `at`: now."""

    purpose = PurposeField(required=False, default=Purpose.MARKETING)
    channel = ChoiceField(choices=REACHING_CHOICES)
    at = MomentField(required=False, allow_null=True, default=None)


class QuestionOfOne(Question):
    member = MemberReferenceField()


class QuestionOfMany(Question):
    members = serializers.ListField(child=MemberReferenceField(), min_length=1, max_length=1_000)


class VerdictOut(serializers.Serializer[Any]):
    member = serializers.IntegerField(help_text=_("The member's number."))
    allowed = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=Reason.choices, help_text=_("The first that refuses, or allowed."))
    refusals = serializers.ListField(child=serializers.ChoiceField(choices=Reason.choices))


class NotFoundOut(serializers.Serializer[Any]):
    index = serializers.IntegerField()


class VerdictsOut(serializers.Serializer[Any]):
    verdicts = VerdictOut(many=True)
    not_found = serializers.ListField(child=serializers.IntegerField(), help_text=_("Places of unknown members."))
    counts = serializers.DictField(child=serializers.IntegerField())
