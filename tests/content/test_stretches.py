"""What lasts for days in the calendar: lanes that keep their line, activities on their days."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from content.rules.lanes import Lanes, lay
from tests.brand import signed_in
from tests.campaigns import activities as cast

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Spell:
    name: str
    first: date
    last: date


def spell(name: str, first: int, last: int) -> Spell:
    return Spell(name, MONDAY + first * DAY, MONDAY + last * DAY)


def drawn(*spells: Spell, days: int = 7) -> list[list[str]]:
    """The names in the lanes of each day, a dash for a free one."""
    laid = lay(spells, MONDAY, MONDAY + (days - 1) * DAY)
    cells = [laid.get(MONDAY + place * DAY, Lanes()) for place in range(days)]
    return [[each.name if each else "-" for each in cell.shown] for cell in cells]


def test_stretch_keeps_its_lane_and_a_free_one_is_taken_again() -> None:
    found = drawn(spell("a", -3, 1), spell("b", 1, 3), spell("c", 2, 9), days=5)
    assert found == [["a"], ["a", "b"], ["c", "b"], ["c", "b"], ["c"]]


def test_lane_above_stays_free_where_nothing_stands_in_it() -> None:
    assert drawn(spell("a", 0, 0), spell("b", 0, 2), days=3) == [["b", "a"], ["b"], ["b"]]
    assert drawn(spell("a", 0, 1), spell("b", 1, 2), days=3) == [["a"], ["a", "b"], ["-", "b"]]


def test_more_than_three_at_once_stand_behind_a_count() -> None:
    spells = [spell(name, 0, 1) for name in "abcde"]
    assert drawn(*spells, days=1) == [["a", "b", "c"]]
    laid = lay(spells, MONDAY, MONDAY + DAY)
    assert [[each.name for each in laid[day].more] for day in (MONDAY, MONDAY + DAY)] == [["d", "e"], ["d", "e"]]


@pytest.mark.django_db
def test_calendar_draws_activities_on_their_days() -> None:
    now = timezone.now()
    cast.people(1)
    activity = cast.running(now, name="换季周", starts_at=now, ends_at=now + 3 * DAY)
    user = User.objects.create_user("ke2", role=Role.MARKETER, is_staff=True)
    page = signed_in(user).get("/admin/calendar/?view=week").content.decode()
    assert f'href="/admin/activities/{activity.pk}/"' in page and "换季周" in page
