"""Bodies of members. Phone numbers, e-mail addresses and the numbers of WeChat are written in full and read masked."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api.fields import ChoiceField, CodeField, DayField, MomentField, StrictSerializer, TextField
from core.rules.normalise import NotNormal
from members.api.references import identity_reference
from members.enums import Gender, IdentityType
from members.models import Member


class IdentitySerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=IdentityType.choices)
    value = serializers.CharField(help_text=_("Phone, e-mail and the numbers of WeChat and WeCom are masked."))
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # the name of the contract, not Field.source
    verified_at = serializers.DateTimeField(allow_null=True)


class CitySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    province = serializers.CharField(allow_blank=True)
    tier = serializers.CharField(allow_blank=True)


class MemberSerializer(serializers.ModelSerializer[Member]):
    """`extra` holds what other parts of the product know of a member, by name."""

    name = serializers.CharField(source="shown_name", allow_blank=True, required=False, max_length=100)
    birthday = serializers.DateField(source="person_birthday", allow_null=True)
    city = CitySerializer(allow_null=True)
    home_store = serializers.CharField(source="home_store.code", allow_null=True, default=None)
    guide = serializers.CharField(source="guide.username", allow_null=True, default=None)
    identities = IdentitySerializer(many=True, source="masked_identities")

    class Meta:
        model = Member
        fields = (
            "id",
            "name",
            "gender",
            "birthday",
            "city",
            "registered_at",
            "home_store",
            "guide",
            "channel",
            "merged_into_id",
            "created_at",
            "updated_at",
            "identities",
        )


class IdentityIn(StrictSerializer):
    type = ChoiceField(choices=IdentityType.choices)
    value = CodeField(max_length=128)
    source = TextField(  # type: ignore[assignment]  # the name of the contract, not Field.source
        max_length=40, required=False, allow_blank=True, default=""
    )
    verified_at = MomentField(required=False, allow_null=True, default=None)


class LookupIn(StrictSerializer):
    """Which member has this phone, e-mail, customer number …? In the body, so that it stands in no address or log."""

    type = ChoiceField(choices=IdentityType.choices)
    value = CodeField(max_length=128)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"reference": identity_reference(attrs["type"], attrs["value"])}
        except NotNormal as error:
            raise serializers.ValidationError({"value": [_("This is not a value of that kind.")]}) from error


class MemberChange(StrictSerializer):
    """Only what is sent changes."""

    name = TextField(max_length=100, required=False, allow_blank=True)
    gender = ChoiceField(choices=Gender.choices, required=False, allow_blank=True)
    birthday = DayField(required=False, allow_null=True)
    city = TextField(max_length=80, required=False, allow_null=True, allow_blank=True, help_text=_("Name of the city."))
    registered_at = MomentField(required=False, allow_null=True)
    home_store = CodeField(max_length=40, required=False, allow_null=True, help_text=_("The store's code."))
    guide = CodeField(max_length=150, required=False, allow_null=True, help_text=_("The guide's user name."))
    channel = TextField(max_length=40, required=False, allow_blank=True)


class MemberIn(MemberChange):
    identities = serializers.ListField(child=IdentityIn(), required=False, max_length=20, default=list)
