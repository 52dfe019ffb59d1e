"""Dull makers of activities, at one evening."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.enums import Role
from accounts.models import User
from campaigns.enums import ParticipationKind
from campaigns.models import Activity, Attribution
from campaigns.rules.plan import Plan
from campaigns.services.activities import create_activity
from campaigns.services.facts import TookPart, record_participations
from campaigns.services.running import launch, submit
from compliance.models import Review
from compliance.services.reviews import approve
from members.models import Member
from segments.models import Audience
from segments.services.audiences import create

#: 20:00 in Shanghai.
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
_numbers = itertools.count(1)


def person(name: str, role: str = Role.MARKETER) -> User:
    return User.objects.filter(username=name).first() or User.objects.create_user(
        name, role=role, display_name=f"{name}同事"
    )


def author() -> User:
    return person("author")


def legal() -> User:
    return person("legal", Role.LEGAL)


def people(count: int, channel: str = "门店") -> list[Member]:
    return [Member.objects.create(name=f"会员{next(_numbers)}", channel=channel) for _each in range(count)]


def audience(channel: str = "门店") -> Audience:
    rule = {"all": [{"filter": {"channel": [channel]}}]}
    return create(name=f"人群{next(_numbers)}", rule=rule, by=author(), now=NOW)


def plan(**values: Any) -> Plan:
    given: dict[str, Any] = {
        "name": f"周年庆{next(_numbers)}",
        "level": "daily",
        "form": "discount",
        "owner_id": author().pk,
        "channel": "wecom",
        "window_days": 7,
        "title": "周年庆满减",
        "rules_text": "活动期间，会员每人可领一张满减券。",
        "budget": Decimal(10_000),
        "starts_at": NOW + HOUR,
        "ends_at": NOW + 10 * DAY,
    }
    if "audience_id" not in values:
        values["audience_id"] = audience().pk
    return Plan(**{**given, **values})


def draft(**values: Any) -> Activity:
    return create_activity(plan=plan(**values), by=author(), now=NOW)


def approved(activity: Activity, now: datetime = NOW) -> Activity:
    submit(activity=activity, by=author(), now=now)
    review = Review.objects.get(kind="activity", object_id=activity.pk)
    approve(review=review, digest=review.digest, by=legal(), now=now)
    activity.refresh_from_db()
    return activity


def running(now: datetime = NOW, **values: Any) -> Activity:
    return launch(activity=approved(draft(**values), now), by=author(), now=now)


def take_part(activity: Activity, members: Iterable[Member], at: datetime, kind: str = "sign_up") -> int:
    rows = [TookPart(member_id=member.pk, kind=ParticipationKind(kind), occurred_at=at) for member in members]
    return record_participations(activity=activity, rows=rows, source="test", by=None, now=at + HOUR).stored


def credited() -> list[tuple[str, int, str, Decimal]]:
    """Order, activity, rule and net of every credited order."""
    rows = Attribution.objects.order_by("order_no")
    return [(row.order_no, row.activity_id, row.rule, row.net) for row in rows]
