"""Bodies of tiers, standings and tags."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api.batches import RejectionSerializer
from core.api.fields import CodeField, DayField, StrictSerializer, WholeField
from members.api.references import MemberReferenceField
from segments.enums import Goal, Measure, Operator, TagSource
from segments.models import MemberStanding, MemberTag, Tag, TagGroup, Tier, TierChange, TierCriterion

MAX_TAGGED = 5_000


class CriterionSerializer(serializers.ModelSerializer[TierCriterion]):
    measure = serializers.ChoiceField(choices=Measure.choices)
    operator = serializers.ChoiceField(choices=Operator.choices)

    class Meta:
        model = TierCriterion
        fields = ("alternative", "measure", "window_days", "operator", "value")


class TierSerializer(serializers.ModelSerializer[Tier]):
    """A tier as it is defined. Tiers are tried by `position`; within an alternative all criteria must hold."""

    name = serializers.CharField(source="__str__", help_text=_("In the language of the request."))
    goal = serializers.ChoiceField(choices=Goal.choices, allow_blank=True)
    criteria = CriterionSerializer(many=True)

    class Meta:
        model = Tier
        fields = (
            "code",
            "name",
            "name_zh",
            "name_en",
            "position",
            "strategy_zh",
            "strategy_en",
            "goal",
            "goal_target",
            "is_active",
            "criteria",
        )


class TierChangeSerializer(serializers.ModelSerializer[TierChange]):
    """`from_tier` is empty the first time that a member came into a tier."""

    class Meta:
        model = TierChange
        fields = ("id", "at", "from_tier", "to_tier")


class StandingSerializer(serializers.ModelSerializer[MemberStanding]):
    """Where a member stands as of the last run; scores are null for members without an order in the window."""

    class Meta:
        model = MemberStanding
        fields = (
            "member_id",
            "tier",
            "tier_since",
            "r",
            "f",
            "m",
            "frequency",
            "monetary",
            "known_at",
            "first_fact_at",
            "last_order_at",
            "last_interaction_at",
        )


class FlowQuery(StrictSerializer):
    """Two days; the tiers are those at 00:00 of each, in the time zone of the product."""

    since = DayField()
    until = DayField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["until"] < attrs["since"]:
            raise serializers.ValidationError({"until": [_("This lies before the other day.")]})
        return attrs


class FlowCellSerializer(serializers.Serializer[Any]):
    """`from_tier` is empty for members who were not known yet."""

    from_tier = serializers.CharField(allow_blank=True)
    to_tier = serializers.CharField(allow_blank=True)
    members = serializers.IntegerField()
    revenue = serializers.DecimalField(16, 2, help_text=_("Net, from the first to the second moment."))


class FlowSerializer(serializers.Serializer[Any]):
    since = serializers.DateField()
    until = serializers.DateField()
    cells = FlowCellSerializer(many=True)


class TagGroupSerializer(serializers.ModelSerializer[TagGroup]):
    class Meta:
        model = TagGroup
        fields = ("id", "name", "position")


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A tag with a rule is kept by it and cannot be given by hand."""

    group = TagGroupSerializer()
    rule = serializers.JSONField(allow_null=True)

    class Meta:
        model = Tag
        fields = ("id", "group", "name", "rule", "lasts_days", "is_active", "refreshed_at")


class TagIn(StrictSerializer):
    """A new tag that is given by hand."""

    group = CodeField(max_length=40, help_text=_("Name of the group; a new name makes a new group."))
    name = CodeField(max_length=40)
    lasts_days = WholeField(required=False, allow_null=True, default=None, max_value=3650)


class TagMembersIn(StrictSerializer):
    items = serializers.ListField(child=MemberReferenceField(), min_length=1, max_length=MAX_TAGGED)


class TagDeliverySerializer(serializers.Serializer[Any]):
    """`changed` counts the members for whom something is different now."""

    accepted = serializers.IntegerField()
    changed = serializers.IntegerField()
    rejected = RejectionSerializer(many=True)


class MemberTagSerializer(serializers.ModelSerializer[MemberTag]):
    tag = TagSerializer()
    source = serializers.ChoiceField(choices=TagSource.choices)  # type: ignore[assignment]  # the name of the contract, not Field.source

    class Meta:
        model = MemberTag
        fields = ("tag", "source", "added_at", "expires_at")
