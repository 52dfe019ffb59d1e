"""What the results look like from outside."""

from typing import Any

from rest_framework import serializers

from dashboards.models import ChurnFlag


class ChurnFlagSerializer(serializers.ModelSerializer[ChurnFlag]):
    """Who is silent beyond the threshold that holds for her; `last_seen` is the day of her last sign of life."""

    last_seen = serializers.DateField(source="seen")
    threshold_days = serializers.IntegerField(source="days")
    threshold_of = serializers.CharField(source="scope")

    class Meta:
        model = ChurnFlag
        fields = ("id", "member", "last_seen", "threshold_days", "threshold_of", "since", "until", "ended")


class LossSerializer(serializers.Serializer[Any]):
    """Of the silences that lasted `days` whole days, the share not broken in the horizon after them, 0 to 1.

    Without a share, `reason` is `too_few` or `too_short`.
    """

    days = serializers.IntegerField()
    reached = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    reason = serializers.CharField()


class ChurnCurveSerializer(serializers.Serializer[Any]):
    """The curve of one scope, with the days that it was counted over."""

    scope = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    counted_at = serializers.DateTimeField()
    members = serializers.IntegerField()
    silences = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    threshold_days = serializers.IntegerField(allow_null=True)
    losses = LossSerializer(many=True)


class PreferenceSerializer(serializers.Serializer[Any]):
    """One city tier and category: share of the buyers, 0 to 1. Without a share there are too few buyers."""

    city_tier = serializers.CharField()
    category = serializers.CharField()
    base_buyers = serializers.IntegerField()
    buyers = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    index = serializers.FloatField(allow_null=True)
    differs = serializers.IntegerField()


class PreferencesSerializer(serializers.Serializer[Any]):
    """All cells, with the days that they were counted over."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    counted_at = serializers.DateTimeField()
    of = serializers.CharField()
    cells = PreferenceSerializer(many=True)
