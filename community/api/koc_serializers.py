"""Bodies of KOC, as sent and as answered."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from community.enums.koc import KocLevel, KocState
from community.models import Koc, KocScore
from community.rules.koc_scoring import FACTS, PARTS
from core.api.fields import BooleanField, StrictSerializer, TextField, WholeField
from members.api.references import MemberReferenceField

LARGEST_VERSION = 2**31 - 1


class KocSerializer(serializers.ModelSerializer[Koc]):
    """Who is a KOC or was asked; `member` is null for one who was erased."""

    member = serializers.IntegerField(source="member_id", allow_null=True)
    state = serializers.ChoiceField(choices=KocState.choices)
    level = serializers.ChoiceField(choices=KocLevel.choices)

    class Meta:
        model = Koc
        fields = (
            *("id", "member", "state", "level", "referral_code", "invited_at", "invited_until"),
            *("since", "level_since", "ended_at"),
        )
        read_only_fields = fields


class InviteIn(StrictSerializer):
    member = MemberReferenceField()
    reason = TextField(max_length=300, required=False, default="", allow_blank=True)


class AnswerIn(StrictSerializer):
    """What she said. Yes needs the version of the text that she was shown."""

    accepted = BooleanField()
    version = WholeField(
        min_value=1,
        max_value=LARGEST_VERSION,
        required=False,
        help_text=_("Of the text that she was shown; needed for yes."),
    )
    reason = TextField(max_length=300, required=False, default="", allow_blank=True)


class AgreeIn(StrictSerializer):
    version = WholeField(min_value=1, max_value=LARGEST_VERSION, help_text=_("Of the text that she was shown."))


class KocTextSerializer(serializers.Serializer[Any]):
    """A text in force, to be shown to her word by word."""

    kind = serializers.CharField()
    version = serializers.IntegerField()
    text = serializers.CharField()
    hash = serializers.CharField()
    published_at = serializers.DateTimeField()


class KocScoreSerializer(serializers.ModelSerializer[KocScore]):
    """A score with its five parts (0 to 100) and the facts behind them; money in yuan."""

    member = serializers.IntegerField(source="member_id")
    as_of = serializers.DateTimeField(source="run.as_of")
    weights_version = serializers.IntegerField(source="run.weights.version")
    parts = serializers.SerializerMethodField()
    facts = serializers.SerializerMethodField()

    class Meta:
        model = KocScore
        fields = ("member", "as_of", "weights_version", "total", "parts", "facts", "groups", "before_total")
        read_only_fields = fields

    def get_parts(self, row: KocScore) -> dict[str, str]:
        return {part.value: str(value) for part, value in zip(PARTS, row.parts, strict=True)}

    def get_facts(self, row: KocScore) -> dict[str, str]:
        values = {fact.value: str(value) for fact, value in zip(FACTS, row.facts, strict=True)}
        return {**values, "spend": f"{int(values['spend']) / 100:.2f}"}
