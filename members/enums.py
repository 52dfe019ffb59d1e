"""Choices of the members app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    UNKNOWN = "", _("Unknown")
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class CityTier(models.TextChoices):
    """Chinese city tiers, as marketers use them."""

    UNKNOWN = "", _("Unknown")
    FIRST = "first", _("First-tier")
    NEW_FIRST = "new_first", _("New first-tier")
    SECOND = "second", _("Second-tier")
    THIRD = "third", _("Third-tier")
    LOWER = "lower", _("Lower-tier")


class IdentityType(models.TextChoices):
    """What a member is known by. Protected types are stored encrypted and found by blind index; more are shown masked."""

    EXTERNAL_ID = "external_id", _("Customer number")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    UNIONID = "unionid", _("WeChat unionid")
    OPENID = "openid", _("WeChat openid")
    EXTERNAL_USERID = "external_userid", _("WeCom customer id")
    CARD = "card", _("Membership card")


PROTECTED_TYPES = frozenset({IdentityType.PHONE, IdentityType.EMAIL})


class FilterKind(models.TextChoices):
    """How a filter of members is asked for."""

    CHOICES = "choices", _("Choices")
    NUMBERS = "numbers", _("From and to")
    MOMENTS = "moments", _("Between two days")
    FLAG = "flag", _("Yes or no")
    TEXT = "text", _("Text")


class DuplicateSign(models.TextChoices):
    """What speaks for two records being one person's. By all but the last somebody said of one what the other is known by."""

    PHONE = "phone", _("the same phone number")
    EMAIL = "email", _("the same e-mail address")
    UNIONID = "unionid", _("the same WeChat unionid")
    OPENID = "openid", _("the same WeChat openid")
    EXTERNAL_USERID = "external_userid", _("the same WeCom customer id")
    CARD = "card", _("the same membership card")
    PROFILE = "profile", _("the same name, birthday and city")
