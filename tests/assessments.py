"""Approved impact assessments, the way a brand comes to them."""

from datetime import datetime

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from compliance.models import Assessment
from compliance.services.pipia import PARTS, approve, begin, write
from core.registries import features

WORDS = dict.fromkeys(PARTS, "已评估，措施与风险相适应。")


def assess(code: str, *, now: datetime | None = None, months: int = 12) -> Assessment:
    """One feature: a marketer completes the draft, the legal reviewer approves it."""
    at = now or timezone.now()
    draft = Assessment.objects.filter(feature=code, state="draft").first() or begin(feature=code, by=None, now=at)
    written = write(assessment=draft, texts=WORDS, by=_person("assessor", Role.MARKETER), now=at)
    return approve(assessment=written, months=months, by=_person("approver", Role.LEGAL), now=at)


def assess_all(*, now: datetime | None = None) -> list[Assessment]:
    return [assess(feature.code, now=now) for feature in features]


def _person(name: str, role: Role) -> User:
    return User.objects.get_or_create(username=name, defaults={"role": role})[0]
