"""What a gateway may be given: so many messages a second, so many a day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from compliance.rules.gate import next_loud
from compliance.selectors.settings import current_policy
from core.services.rate_limits import Rate, take
from messaging.models import Gateway, GatewayDay


@dataclass(frozen=True)
class Spent:
    """Of so many wanted; `next_day` is when the rest may be asked for again."""

    granted: int
    next_day: datetime


def spend_day(*, gateway: Gateway, wanted: int, now: datetime) -> Spent:
    """Take from what the day has left, inside the transaction that begins the messages: workers take turns here."""
    policy = current_policy()
    zone = ZoneInfo(policy.timezone)
    today = now.astimezone(zone).date()
    midnight = datetime.combine(today + timedelta(days=1), time(), tzinfo=zone)
    GatewayDay.objects.get_or_create(gateway=gateway, day=today)
    day = GatewayDay.objects.select_for_update().get(gateway=gateway, day=today)
    granted = max(0, min(wanted, (gateway.daily_limit or 0) - day.begun))
    GatewayDay.objects.filter(pk=day.pk).update(begun=day.begun + granted)
    return Spent(granted, next_loud(policy, midnight))


def seconds_to_wait(gateway: Gateway, count: int) -> int:
    """0 where so many may go now; they are then taken from what the second has left. Outside of a transaction."""
    if gateway.per_second is None:
        return 0
    rate = Rate(burst=gateway.per_second, per_second=gateway.per_second)
    return take(f"gateway:{gateway.pk}", rate, count=min(count, gateway.per_second))
