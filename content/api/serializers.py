"""Bodies of the calendar's API."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from content.enums import Known, MaterialKind, Metric, Period, ShownOn, SlotState, Stage
from content.models import ContentType, Material, MaterialVersion, Slot, SlotResult
from core.api.fields import BooleanField, ChoiceField, CodeField, MomentField, StrictSerializer, TextField, WholeField

PLACES = [(each.value, each.value) for each in ShownOn]
WRITTEN = (MaterialKind.TEXT, MaterialKind.LINK, MaterialKind.MINI_PROGRAM)


class TypeOut(serializers.ModelSerializer[ContentType]):
    stage = serializers.ChoiceField(choices=[(each.value, each.value) for each in Stage])

    class Meta:
        model = ContentType
        fields = ("id", "code", "name_zh", "name_en", "stage", "minutes", "measure_days", "is_active")


class VersionOut(serializers.ModelSerializer[MaterialVersion]):
    class Meta:
        model = MaterialVersion
        fields = (
            *("id", "number", "title", "text", "link", "app_id", "app_path"),
            *("file_name", "file_type", "file_size", "digest", "at"),
        )


class MaterialOut(serializers.ModelSerializer[Material]):
    kind = serializers.ChoiceField(choices=[(each.value, each.value) for each in MaterialKind])
    latest_id = serializers.IntegerField(allow_null=True, help_text=_("The newest version."))

    class Meta:
        model = Material
        fields = ("id", "title", "kind", "is_archived", "latest_id", "created_at", "changed_at")


class BodyIn(StrictSerializer):
    title = TextField(max_length=120)
    text = TextField(max_length=20_000, required=False, allow_blank=True, default="", trim_whitespace=False)
    link = TextField(max_length=1000, required=False, allow_blank=True, default="")
    app_id = TextField(max_length=40, required=False, allow_blank=True, default="")
    app_path = TextField(max_length=300, required=False, allow_blank=True, default="")


class MaterialIn(BodyIn):
    """Pictures, videos and files are uploaded on the page of the library."""

    kind = ChoiceField(choices=[(each.value, each.value) for each in WRITTEN])


class SlotOut(serializers.ModelSerializer[Slot]):
    type = serializers.CharField(source="type.code")
    version = serializers.IntegerField(source="version_id", allow_null=True)
    owner = serializers.CharField(source="owner.username")
    audience = serializers.IntegerField(source="audience_id", allow_null=True)
    state = serializers.ChoiceField(choices=[(each.value, each.value) for each in SlotState])
    shown_on = serializers.ChoiceField(choices=PLACES, allow_blank=True)

    class Meta:
        model = Slot
        fields = (
            *("id", "type", "title", "version", "owner", "planned_at", "minutes", "audience"),
            *("source_kind", "source_id", "account", "shown_on", "note", "state", "published_at"),
            *("link", "measured_at"),
        )


class SlotIn(StrictSerializer):
    type = CodeField(max_length=20, help_text=_("Code of the type."))
    title = TextField(max_length=120)
    planned_at = MomentField()
    owner = CodeField(max_length=150, help_text=_("User name of whoever publishes it."))
    version = WholeField(required=False, allow_null=True, default=None, help_text=_("A version of a material."))
    audience = WholeField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("The number of a saved audience; without it: everybody."),
    )
    activity = WholeField(
        required=False, allow_null=True, default=None, help_text=_("The number of an activity that it belongs to.")
    )
    minutes = WholeField(required=False, allow_null=True, default=None, max_value=1440)
    account = TextField(max_length=60, required=False, allow_blank=True, default="")
    shown_on = ChoiceField(
        choices=PLACES,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Where members see it; asked for where the author of the material agreed to certain places only."),
    )
    note = TextField(max_length=500, required=False, allow_blank=True, default="")
    allow_overlap = BooleanField(required=False, default=False)


class SlotEdit(StrictSerializer):
    """Only what is named changes."""

    title = TextField(max_length=120, required=False)
    owner = CodeField(max_length=150, required=False)
    version = WholeField(required=False, allow_null=True)
    audience = WholeField(required=False, allow_null=True)
    activity = WholeField(required=False, allow_null=True)
    minutes = WholeField(required=False, max_value=1440)
    account = TextField(max_length=60, required=False, allow_blank=True)
    shown_on = ChoiceField(choices=PLACES, required=False, allow_blank=True)
    note = TextField(max_length=500, required=False, allow_blank=True)
    allow_overlap = BooleanField(required=False, default=False)


class SlotMove(StrictSerializer):
    planned_at = MomentField()
    seen_at = MomentField(required=False, allow_null=True, default=None, help_text=_("Where you saw it."))
    allow_overlap = BooleanField(required=False, default=False)


class SlotPublish(StrictSerializer):
    link = TextField(max_length=1000, help_text=_("Where it can be seen."))
    published_at = MomentField(required=False, allow_null=True, default=None)


class SlotReason(StrictSerializer):
    reason = TextField(max_length=500, required=False, allow_blank=True, default="")


class SlotRestore(StrictSerializer):
    allow_overlap = BooleanField(required=False, default=False)


class Nothing(StrictSerializer):
    """No body, or an empty one."""


class StandingOut(serializers.Serializer[Any]):
    """How one rule of the cadence stands in the period that holds the moment."""

    id = serializers.IntegerField(source="rule.pk")
    name_zh = serializers.CharField(source="rule.name_zh")
    name_en = serializers.CharField(source="rule.name_en")
    type = serializers.CharField(source="rule.type.code")
    period = serializers.ChoiceField(source="rule.period", choices=[(each.value, each.value) for each in Period])
    first = serializers.DateTimeField(source="span.first")
    end = serializers.DateTimeField(source="span.end")
    count = serializers.IntegerField(source="rule.count")
    published = serializers.IntegerField(source="standing.published")
    planned = serializers.IntegerField(source="standing.planned")
    missing = serializers.IntegerField()


class ReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    points = serializers.IntegerField()
    words = serializers.CharField()


class SuggestionOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    score = serializers.IntegerField()
    reasons = ReasonOut(many=True)


class SlotResultOut(serializers.ModelSerializer[SlotResult]):
    """Without a value there is a reason; never 0 by default."""

    choices: ClassVar[list[tuple[str, str]]] = [(each.value, each.value) for each in Metric]
    metric = serializers.ChoiceField(choices=choices)
    known = serializers.ChoiceField(choices=[(each.value, each.value) for each in Known])

    class Meta:
        model = SlotResult
        fields = ("metric", "known", "value", "part", "base", "target", "reason", "as_of")
