"""What the first night measures, and what the guides saw to in the weeks before."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from dashboards.enums import FollowUpKind
from dashboards.services.cohorts import count_cohorts
from dashboards.services.follow_ups import follow_up
from dashboards.services.preferences import count_preferences
from dashboards.services.silences import count_silences, flag_silent
from dashboards.services.teams import count_teams
from members.models import Member

Say = Callable[[str], None]
DAY = timedelta(days=1)
MOST = 5


def see_to_members(*, now: datetime, say: Say) -> None:
    """Each guide but the last greeted up to five of her members on their birthdays of the last four weeks."""
    done = 0
    today = timezone.localdate(now)
    for place, guide in enumerate(User.objects.filter(role=Role.GUIDE).order_by("pk")[:12]):
        for day, member in _birthdays(guide, today)[: place % (MOST + 1)]:
            moment = now - (today - day)
            follow_up(member_id=member.pk, kind=FollowUpKind.BIRTHDAY, about=day, by=guide, now=moment)
            done += 1
    say(f"followed up: {done} members by their guides")


def _birthdays(guide: User, today: date) -> list[tuple[date, Member]]:
    """Those of the last four weeks that fell on the day itself."""
    days = {(day.month, day.day): day for day in (today - place * DAY for place in range(1, 29))}
    members = Member.objects.filter(guide=guide, birthday__isnull=False).order_by("pk")[:200]
    born = ((member.birthday, member) for member in members if member.birthday)
    return [(days[on.month, on.day], member) for on, member in born if (on.month, on.day) in days]


def measure(*, now: datetime, say: Say) -> None:
    """As the night does; where the facts end long ago, so do these figures, as the metrics do."""
    curves, cells, teams = count_silences(now=now), count_preferences(now=now), count_teams(now=now)
    count_cohorts(now=now)
    found = flag_silent(now=now)
    say(f"measured: {curves} curves of silences, {cells} preferences, {teams} teams; {found.now:,} members flagged")
