"""Approved impact assessments, the way a brand comes to them."""

from datetime import datetime
from importlib import import_module

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from compliance.models import Assessment
from compliance.services.pipia import PARTS, approve, begin, write
from core.registries import features
from core.roles import as_owner

SHIPPED = {
    **import_module("compliance.migrations.0032_register_defaults").ASSESSMENTS,
    **import_module("community.migrations.0004_koc_defaults").ASSESSMENTS,
}

WORDS = dict.fromkeys(PARTS, "已评估，措施与风险相适应。")


def assess(code: str, *, now: datetime | None = None, months: int = 12) -> Assessment:
    """One feature: one person completes the draft, another approves it."""
    at = now or timezone.now()
    draft = Assessment.objects.filter(feature=code, state="draft").first() or begin(feature=code, by=None, now=at)
    written = write(assessment=draft, texts=WORDS, by=_person("assessor"), now=at)
    return approve(assessment=written, months=months, by=_person("approver"), now=at)


def assess_all(*, now: datetime | None = None) -> list[Assessment]:
    return [assess(feature.code, now=now) for feature in features]


def forget_all() -> None:
    """As the migration left them; by the owner, for the database keeps what was approved."""
    with as_owner("flush"):
        Assessment.objects.all().delete()
        for code, words in SHIPPED.items():
            Assessment.objects.create(feature=code, number=1, **dict(zip(PARTS, words, strict=True)))


def _person(name: str) -> User:
    return User.objects.get_or_create(username=name, defaults={"role": Role.AUDITOR})[0]
