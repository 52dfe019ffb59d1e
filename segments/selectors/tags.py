"""Named reads of tags."""

from collections.abc import Sequence

from django.db.models import Count, QuerySet

from segments.models import MemberTag, MemberTagEvent, Tag


def tags_of(member_ids: Sequence[int]) -> dict[int, list[MemberTag]]:
    """What each member is tagged with, by group and name; one query."""
    found: dict[int, list[MemberTag]] = {member_id: [] for member_id in member_ids}
    assignments = MemberTag.objects.filter(member__in=member_ids).select_related("tag__group")
    for assignment in assignments.order_by("tag__group__position", "tag__group__name", "tag__name"):
        found[assignment.member_id].append(assignment)
    return found


def tags_with_counts() -> QuerySet[Tag]:
    """All tags with their group and how many members have them (`holders`)."""
    return (
        Tag.objects.select_related("group")
        .annotate(holders=Count("assignments"))
        .order_by("group__position", "group__name", "name")
    )


def tag_history(member_id: int, *, limit: int = 50) -> list[MemberTagEvent]:
    """What was given and taken, the latest first."""
    return list(MemberTagEvent.objects.filter(member=member_id).order_by("-at", "-id")[:limit])
