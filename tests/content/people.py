"""A small cast for the calendar: who plans, who reviews, and what they plan with."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from compliance.models import Review
from compliance.services.reviews import approve, submit
from content.models import ContentType, MaterialVersion, Slot
from content.selectors.slots import KIND
from content.services.materials import Body, create_material
from content.services.slots import create_slot

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in China
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def marketer() -> User:
    return User.objects.get_or_create(username="ke", defaults={"role": Role.MARKETER, "is_staff": True})[0]


def lawyer() -> User:
    return User.objects.get_or_create(username="fang", defaults={"role": Role.LEGAL, "is_staff": True})[0]


def type_of(code: str) -> ContentType:
    return ContentType.objects.get(code=code)


def version(text: str = "三步整理护肤步骤。", *, title: str = "护肤指南", now: datetime = NOW) -> MaterialVersion:
    return create_material(kind="text", body=Body(title=title, text=text), by=marketer(), now=now)


def review_of(given: MaterialVersion) -> Review:
    return Review.objects.get(kind=KIND, object_id=given.pk)


def approved(text: str = "三步整理护肤步骤。", *, now: datetime = NOW, days: int = 180) -> MaterialVersion:
    made = version(text, now=now)
    review = submit(review=review_of(made), by=marketer(), now=now)
    approve(review=review, digest=review.digest, by=lawyer(), now=now, valid_days=days)
    return made


def slot(
    code: str = "article",
    *,
    at: datetime | None = None,
    given: MaterialVersion | None = None,
    title: str = "攻略",
    now: datetime = NOW,
    allow_overlap: bool = False,
    shown_on: str = "",
) -> Slot:
    return create_slot(
        type=type_of(code),
        title=title,
        planned_at=at or now + 2 * DAY,
        owner=marketer(),
        version=given,
        by=marketer(),
        now=now,
        allow_overlap=allow_overlap,
        shown_on=shown_on,
    )


def local(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat()
