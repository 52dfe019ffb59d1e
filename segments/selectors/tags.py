"""Tags with who has them, and what happened to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDay

from core.rules.whole import whole_in
from members.models import SavedView
from segments.enums import TagAction
from segments.models import MemberTagEvent, Tag, TagGroup

MONTH = timedelta(days=30)
COUNTED = 1_000
_HOLDERS = """
SELECT tag.id, CASE WHEN counted.found > %(most)s THEN greatest(tag.holders, counted.found) ELSE counted.found END
FROM segments_tag AS tag
CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM (
        SELECT FROM segments_membertag AS held WHERE held.tag_id = tag.id LIMIT %(most)s + 1
    ) AS few
) AS counted
WHERE tag.id = ANY(%(tags)s) AND counted.found > 0
"""


@dataclass(frozen=True)
class TagDay:
    """How many got a tag and how many lost it on one local day."""

    day: datetime
    added: int
    removed: int


def groups_with_tags() -> list[TagGroup]:
    """Every group in order with its tags; two queries."""
    return list(TagGroup.objects.prefetch_related("tags").order_by("position", "name"))


def tags_named_by(rule: Mapping[str, Any] | None) -> set[int]:
    """The numbers of the tags that a saved filter asks for."""
    return _numbers(rule, "tag")


def audiences_named_by(rule: Mapping[str, Any] | None) -> set[int]:
    """The numbers of the audiences that a saved filter asks for."""
    return _numbers(rule, "audience")


def _numbers(rule: Mapping[str, Any] | None, name: str) -> set[int]:
    given = (rule or {}).get(name, ())
    values = [str(value) for value in (given if isinstance(given, list | tuple) else [given])]
    return {number for number in map(whole_in, values) if number is not None}


def tags_depending_on(tag: Tag) -> list[Tag]:
    """Other tags whose rule names this one."""
    return list(Tag.objects.filter(_naming("rule", tag)).exclude(pk=tag.pk).order_by("name"))


def tags_by_audience(audiences: Collection[int]) -> list[tuple[int, Tag]]:
    """Audience and tag, for each tag in use whose rule names one of the audiences; one query."""
    wanted = set(audiences)
    kept = Tag.objects.filter(is_active=True, rule__has_key="audience").order_by("name")
    return [(number, tag) for tag in kept for number in sorted(audiences_named_by(tag.rule) & wanted)]


def views_naming(tag: Tag) -> QuerySet[SavedView]:
    """Saved views of anybody that filter by this tag."""
    return SavedView.objects.filter(_naming("filters", tag)).order_by("name")


def _naming(column: str, tag: Tag) -> Q:
    """A list contains the number as text, or the text stands alone: to PostgreSQL both contain it."""
    return Q(**{f"{column}__tag__contains": str(tag.pk)}) | Q(**{f"{column}__tag__contains": tag.pk})


def holders(tags: Sequence[Tag]) -> dict[int, int]:
    """How many members have each tag that anybody has; one query.

    Counted now up to `COUNTED` of each; what more have stands as it was counted last.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, {"most": COUNTED, "tags": [tag.pk for tag in tags]})
        return dict(cursor.fetchall())


def tag_days(tag: Tag, *, now: datetime) -> list[TagDay]:
    """The days of the last 30 on which something happened, the latest first."""
    rows = (
        MemberTagEvent.objects.filter(tag_id=tag.pk, at__gte=now - MONTH)
        .annotate(day=TruncDay("at"))
        .values("day")
        .annotate(
            added=Count("pk", filter=Q(action=TagAction.ADDED)), removed=Count("pk", filter=~Q(action=TagAction.ADDED))
        )
        .order_by("-day")
    )
    return [TagDay(row["day"], row["added"], row["removed"]) for row in rows]
