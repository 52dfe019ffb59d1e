"""Bodies of activities and links, as sent and as answered."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.callers import sees_everybody
from campaigns.enums import ActivityState, CostKind, Form, Level, Measure, ParticipationKind
from campaigns.models import Activity, Cost, TrackedLink
from campaigns.rules.addresses import LONGEST_TARGET, LONGEST_UTM, UTM
from campaigns.selectors.funnel import Results
from compliance.enums.consent import Channel
from core.api.batches import RejectionSerializer
from core.api.fields import (
    AmountField,
    BooleanField,
    ChoiceField,
    CodeField,
    DayField,
    MomentField,
    StrictSerializer,
    TextField,
    WholeField,
)
from members.api.references import MemberReferenceField

CHANNELS = [(code, label) for code, label in Channel.choices if code != Channel.ANY]


class ActivityIn(StrictSerializer):
    """A draft. What is left out of a change stays as it is."""

    name = TextField(max_length=80)
    level = ChoiceField(choices=Level.choices)
    form = ChoiceField(choices=Form.choices)
    title = TextField(max_length=60, required=False, allow_blank=True)
    rules_text = TextField(max_length=3000, required=False, allow_blank=True, help_text=_("What members read."))
    audience = WholeField(required=False, allow_null=True, help_text=_("The number of a saved audience."))
    channel = ChoiceField(choices=CHANNELS, required=False)
    budget = AmountField(max_digits=11, decimal_places=2, min_value=0, required=False, allow_null=True)
    window_days = WholeField(max_value=90, required=False)
    starts_at = MomentField(required=False, allow_null=True)
    ends_at = MomentField(required=False, allow_null=True)
    codes = serializers.ListField(child=CodeField(), max_length=50, required=False)
    coupons = serializers.ListField(child=WholeField(), max_length=50, required=False)
    draws = serializers.ListField(child=WholeField(), max_length=50, required=False)


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """`audience_size` is null before the start, and for keys that are held to stores."""

    level = serializers.ChoiceField(choices=Level.choices)
    form = serializers.ChoiceField(choices=Form.choices)
    state = serializers.ChoiceField(choices=ActivityState.choices)
    channel = serializers.ChoiceField(choices=CHANNELS)
    audience = serializers.IntegerField(source="audience_id", allow_null=True)
    codes = serializers.SerializerMethodField()
    coupons = serializers.SerializerMethodField()
    draws = serializers.SerializerMethodField()
    audience_size = serializers.SerializerMethodField()

    class Meta:
        model = Activity
        fields = (
            *("id", "name", "level", "form", "state", "title", "rules_text", "audience", "audience_size", "channel"),
            *("budget", "window_days", "starts_at", "ends_at", "started_at", "ended_at", "codes", "coupons", "draws"),
        )

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_audience_size(self, activity: Activity) -> int | None:
        return activity.audience_size if sees_everybody(self.context["request"]) else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_codes(self, activity: Activity) -> list[str]:
        return sorted(row.code for row in activity.codes.all())

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_coupons(self, activity: Activity) -> list[int]:
        return sorted(row.coupon_id for row in activity.offers.all() if row.coupon_id)

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_draws(self, activity: Activity) -> list[int]:
        return sorted(row.draw_id for row in activity.offers.all() if row.draw_id)


class RateSerializer(serializers.Serializer[Any]):
    """A share from 0 to 1, or revenue for each yuan spent; null where it is not observed."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text=_("Lower end of the 95 percent interval."))
    high = serializers.FloatField(allow_null=True)
    band_low = serializers.FloatField(allow_null=True)
    band_high = serializers.FloatField(allow_null=True)
    state = serializers.ChoiceField(choices=("good", "watch", "act", "none"))


class ResultsSerializer(serializers.Serializer[Any]):
    """Null is not observed: everything before the start, the cost until one is recorded."""

    audience = serializers.IntegerField(allow_null=True)
    reached = serializers.IntegerField(allow_null=True, help_text=_("Null: not observed yet."))
    took_part = serializers.IntegerField(allow_null=True)
    took_part_outside = serializers.IntegerField(allow_null=True)
    buyers = serializers.IntegerField(allow_null=True)
    orders = serializers.IntegerField(allow_null=True)
    revenue = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    cost = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    participation = RateSerializer()
    conversion = RateSerializer()
    roi = RateSerializer()


def results_body(results: Results) -> dict[str, Any]:
    facts = results.facts
    counted: dict[str, Any] = {
        "audience": facts.audience,
        "took_part": facts.took_part,
        "took_part_outside": facts.outside,
        "buyers": facts.buyers,
        "orders": facts.orders,
        "revenue": facts.revenue,
    }
    known = counted if results.is_observed else dict.fromkeys(counted)
    body: dict[str, Any] = {**known, "reached": None, "cost": results.cost}
    for measure in Measure:
        rate = results.rates[measure]
        body[str(measure)] = {
            "value": rate.value,
            "low": rate.interval.low if rate.interval else None,
            "high": rate.interval.high if rate.interval else None,
            "band_low": rate.band.low if rate.band else None,
            "band_high": rate.band.high if rate.band else None,
            "state": rate.state,
        }
    return body


class ParticipationIn(StrictSerializer):
    member = MemberReferenceField()
    kind = ChoiceField(choices=ParticipationKind.choices)
    occurred_at = MomentField()


class ParticipationBatchIn(serializers.Serializer[Any]):
    items = ParticipationIn(many=True)


class ParticipationDelivery(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    stored = serializers.IntegerField(
        help_text=_("The same moment in the same way is stored once; sending it again is no fault.")
    )
    rejected = RejectionSerializer(many=True)


class GivingIn(StrictSerializer):
    coupon = WholeField(help_text=_("The number of one of the activity's coupons."))
    dry_run = BooleanField(required=False, default=False, help_text=_("Only count; nothing is given."))


class GivingSerializer(serializers.Serializer[Any]):
    """`without` counts members by why they get none: had, merged, limit, exhausted."""

    would = serializers.IntegerField(help_text=_("Members of the frozen audience who get one."))
    without = serializers.DictField(child=serializers.IntegerField())
    asked = serializers.BooleanField(help_text=_("Whether a worker gives it out now."))


class CostIn(StrictSerializer):
    kind = ChoiceField(choices=CostKind.choices)
    amount = AmountField(max_digits=11, decimal_places=2, min_value=0)
    day = DayField()
    note = TextField(max_length=200, required=False, allow_blank=True, default="")


class CostSerializer(serializers.ModelSerializer[Cost]):
    kind = serializers.ChoiceField(choices=CostKind.choices)

    class Meta:
        model = Cost
        fields = ("id", "kind", "amount", "day", "note", "at", "taken_back_at")


class LinkIn(StrictSerializer):
    name = TextField(max_length=80)
    target = TextField(max_length=LONGEST_TARGET, help_text=_("https, on a host of the list."))
    channel = TextField(max_length=40, required=False, allow_blank=True, default="")
    activity = WholeField(required=False, allow_null=True, default=None)
    slot = WholeField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("The slot of the calendar in whose content it stands: a member's click counts among its results."),
    )
    utm_source = TextField(max_length=LONGEST_UTM, required=False, allow_blank=True, default="")
    utm_medium = TextField(max_length=LONGEST_UTM, required=False, allow_blank=True, default="")
    utm_campaign = TextField(max_length=LONGEST_UTM, required=False, allow_blank=True, default="")
    utm_content = TextField(max_length=LONGEST_UTM, required=False, allow_blank=True, default="")
    utm_term = TextField(max_length=LONGEST_UTM, required=False, allow_blank=True, default="")


class LinkSerializer(serializers.ModelSerializer[TrackedLink]):
    activity = serializers.IntegerField(source="activity_id", allow_null=True)
    slot = serializers.IntegerField(source="slot_id", allow_null=True)
    url = serializers.SerializerMethodField(help_text=_("The short address."))

    class Meta:
        model = TrackedLink
        fields = ("id", "code", "url", "name", "target", "channel", "activity", "slot", *UTM, "created_at", "closed_at")

    def get_url(self, link: TrackedLink) -> str:
        return str(self.context["request"].build_absolute_uri(link.path))


class ClicksSerializer(serializers.Serializer[Any]):
    humans = serializers.IntegerField()
    known = serializers.IntegerField(help_text=_("Of the humans, members by their own addresses."))
    bots = serializers.IntegerField()
    last_at = serializers.DateTimeField(allow_null=True)


class AddressesIn(serializers.Serializer[Any]):
    items = serializers.ListField(child=MemberReferenceField(), max_length=5_000)


class AddressSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    member = serializers.IntegerField()
    url = serializers.CharField()


class AddressesOut(serializers.Serializer[Any]):
    addresses = AddressSerializer(many=True)
    rejected = RejectionSerializer(many=True)
