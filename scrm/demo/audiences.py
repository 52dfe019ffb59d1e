"""Audiences of the demo brand, counted as of each of the last days so that their growth shows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from segments.models import Audience
from segments.services import audiences as services

DAYS = 14
BOUGHT = {"measure": "orders", "operator": ">=", "value": "1"}
NONE_IN_60 = {"purchases": {"measure": "orders", "operator": "<", "value": "1", "days": 60}}
# name, what it is for, rule
AUDIENCES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("60天未购的老客", "秋季唤醒活动", {"all": [{"purchases": BOUGHT}, NONE_IN_60]}),
    (
        "高消费且活跃",
        "新品优先体验",
        {
            "all": [
                {"purchases": {"measure": "spend", "operator": ">=", "value": "800", "days": 90}},
                {"interactions": {"operator": ">=", "value": "3", "days": 30}},
            ]
        },
    ),
    (
        "浏览多未下单",
        "限时优惠提醒",
        {
            "all": [
                {"interactions": {"kinds": ["browse"], "operator": ">=", "value": "5", "days": 14}},
                {"purchases": {"measure": "orders", "operator": "=", "value": "0", "days": 14}},
                {"not": {"filter": {"tier": ["low_value"]}}},
            ]
        },
    ),
    (
        "企微可触达",
        "已同意营销消息的会员",
        {"all": [{"consent": {"purpose": "marketing", "channel": "wecom", "is": "given"}}]},
    ),
)


def furnish_audiences(*, now: datetime, say: Callable[[str], None]) -> None:
    """Make those that are not there yet, and one that builds on others."""
    marketer = User.objects.get(username="marketer")
    made = [_make(name, text, rule, by=marketer, now=now) for name, text, rule in AUDIENCES]
    both = {"all": [{"audience": made[0].pk}, {"audience": made[-1].pk}]}
    made.append(_make("可唤醒的老客", "老客中可用企微联系的", both, by=marketer, now=now))
    for days in reversed(range(DAYS)):
        for audience in made:
            services.refresh(audience=audience, now=now - timedelta(days=days))
    say(f"audiences: {len(made)} made and counted")


def _make(name: str, text: str, rule: dict[str, Any], *, by: User, now: datetime) -> Audience:
    found = Audience.objects.filter(name=name).first()
    return found or services.create(name=name, description=text, rule=rule, by=by, now=now)
