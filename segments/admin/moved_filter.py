"""The people behind one cell of the tier flow: a filter of the member list that is reached by a link.

Its value is `2026-10-23:2026-11-22:silent:high_value`: two local days and the tiers at their ends, `-` for none.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.moments import read_day
from core.templatetags.scrm import day
from members.enums import FilterKind
from members.errors import FilterNotValid
from members.models import Member, MemberFilter, member_filters
from members.models.filters import UNSET
from segments.selectors.flow import members_in_flow
from segments.selectors.tiers import tier_names

PARTS = 4


@dataclass(frozen=True)
class Moved:
    """From one tier at the end of `start` to another at the end of `end`."""

    start: date
    end: date
    from_tier: str
    to_tier: str

    @classmethod
    def read(cls, text: str) -> "Moved | None":
        parts = text.split(":")
        if len(parts) != PARTS:
            return None
        start, end = (read_day(part) for part in parts[:2])
        if start is None or end is None:
            return None
        from_tier, to_tier = ("" if part == UNSET else part for part in parts[2:])
        return cls(start, end, from_tier, to_tier)


def end_of(day_: date) -> datetime:
    """The last microsecond of a local day."""
    return timezone.make_aware(datetime.combine(day_ + timedelta(days=1), time.min)) - timedelta(microseconds=1)


def moved(members: QuerySet[Member], text: str) -> QuerySet[Member]:
    value = Moved.read(text)
    if value is None:
        raise FilterNotValid(fields={"moved": [FilterNotValid.message]})
    found = members_in_flow(
        start=end_of(value.start), end=end_of(value.end), from_tier=value.from_tier, to_tier=value.to_tier
    )
    return members.filter(pk__in=found.values("pk"))


def in_words(text: str) -> str:
    """Both tiers and both days: 沉默用户 → 高价值活跃用户，10月23日至11月22日."""
    value = Moved.read(text)
    if value is None:
        return text
    names = tier_names() | {"": _("Not there yet")}
    words = _("%(from)s → %(to)s, %(start)s to %(end)s")
    facts = {
        "from": names.get(value.from_tier, value.from_tier),
        "to": names.get(value.to_tier, value.to_tier),
        "start": _bare(value.start),
        "end": _bare(value.end),
    }
    return words % facts


def _bare(value: date) -> str:
    """A day without its mark-up."""
    return str(day(value)).split(">", 1)[1].rsplit("<", 1)[0]


member_filters.register(
    MemberFilter(
        code="moved",
        label=gettext_lazy("tier flow"),
        kind=FilterKind.TEXT,
        apply=moved,
        order=12,
        words=in_words,
    )
)
