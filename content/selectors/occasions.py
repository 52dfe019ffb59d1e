"""Festivals, shopping days and brand dates between two days."""

from datetime import date

from content.models import Festival
from content.rules.festivals import days_between
from core.reading import read_once


@read_once
def active_festivals() -> list[Festival]:
    return list(Festival.objects.filter(is_active=True))


def occasions_between(first: date, last: date) -> list[tuple[date, date, Festival]]:
    """First day, last day and festival of whatever touches the stretch, in order."""
    return days_between(((festival, festival.rule) for festival in active_festivals()), first, last)
