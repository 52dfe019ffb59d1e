"""How groups and the people in them are written on pages."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.models import User
from community.models import GroupParticipant
from community.selectors.activity import Pulse
from core.errors import Text
from core.rules.masking import mask_name
from core.templatetags.scrm import day

#: State → (mark, words): a state is never told by its colour alone.
BANDS: dict[str, tuple[str, Text]] = {
    "quiet": ("watch", pgettext_lazy("group", "too quiet")),
    "healthy": ("good", pgettext_lazy("group", "healthy")),
    "noisy": ("act", pgettext_lazy("group", "noisy")),
    "unknown": ("none", pgettext_lazy("group", "not observed")),
}
WEEKDAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)
IMPORTS = {"queued": "busy", "running": "busy", "done": "good", "failed": "act", "cancelled": "none"}


@dataclass(frozen=True)
class Said:
    """A state in words, with its mark."""

    mark: str
    word: Text
    why: str


def pulse_words(pulse: Pulse) -> Said:
    mark, word = BANDS[pulse.state]
    return Said(mark, word, _why(pulse))


def _why(pulse: Pulse) -> str:
    if pulse.average is None and pulse.last_day is not None:
        return _("The chat was last brought here on %(day)s; what was said since is not known.") % {
            "day": day(pulse.known_to)
        }
    if pulse.average is None:
        return _("No message of this group was imported or sent in yet.")
    words = ngettext(
        "%(average)s a day over %(days)s day, healthy from %(low)s to %(high)s",
        "%(average)s a day over %(days)s days, healthy from %(low)s to %(high)s",
        pulse.days,
    )
    return words % {
        "average": f"{pulse.average:,.0f}",
        "days": pulse.days,
        "low": pulse.band.low,
        "high": pulse.band.high,
    }


def name_of(participant: GroupParticipant, user: User) -> str:
    """As whoever looks may see it: nicknames are names."""
    if participant.staff is not None:
        return str(participant.staff)
    name = participant.nickname or (participant.member.name if participant.member else "")
    if not name:
        return f"#{participant.pk}"
    return name if user.has_perm("members.view_identity") else mask_name(name)


def share_text(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def chart_of(days: list[Any], pulse: Pulse) -> dict[str, Any] | None:
    """Messages by day between the two ends of the band."""
    if not any(day.messages for day in days):
        return None
    flat = {"borderDash": [4, 4], "borderWidth": 1, "pointHoverRadius": 0, "tension": 0}
    return {
        "type": "line",
        "labels": [f"{day.day.month}-{day.day.day}" for day in days],
        "datasets": [
            {
                "label": _("Messages"),
                "data": [day.messages if day.day < pulse.known_to else None for day in days],
                "colour": "accent",
            },
            {"label": _("healthy from"), "data": [pulse.band.low] * len(days), "colour": "state:good", **flat},
            {
                "label": _("healthy to"),
                "data": [pulse.band.high] * len(days),
                "colour": "state:good",
                **flat,
                "fill": "-1",
            },
        ],
    }


def heat_rows(heat: list[list[float]]) -> list[dict[str, Any]]:
    """Seven rows of cells: shade from 0 to 1 and messages per hour."""
    most = max((cell for row in heat for cell in row), default=0.0)
    return [
        {
            "day": WEEKDAYS[place],
            "cells": [
                {"hour": hour, "shade": round(cell / most, 3) if most else 0, "messages": cell}
                for hour, cell in enumerate(row)
            ],
        }
        for place, row in enumerate(heat)
    ]


def busiest(heat: list[list[float]]) -> str:
    """The hour in which most is said, as a sentence."""
    best = max(
        ((cell, day, hour) for day, row in enumerate(heat) for hour, cell in enumerate(row)), default=(0.0, 0, 0)
    )
    if not best[0]:
        return ""
    return _("Most is said on %(day)s from %(from)02d:00 to %(to)02d:00.") % {
        "day": WEEKDAYS[best[1]],
        "from": best[2],
        "to": best[2] + 1,
    }
