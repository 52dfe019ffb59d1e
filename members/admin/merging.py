"""What merging brings to the admin: its menu entry, its work on Today, and the panel of a member's records."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.pages import staff_of
from core.registries import MenuEntry, WorkItem, WorkSource, menu, work
from members.admin.extension import MemberPanel, member_panels
from members.models import Member, Merging
from members.selectors.duplicates import duplicates_of, pairs_for

MERGE = "members.merge_member"


def load_records(request: HttpRequest, member: Member) -> Mapping[str, Any] | None:
    """Records merged into hers, how each came, and whom she may be besides."""
    user = staff_of(request)
    records = list(Member.objects.visible_to(user).filter(merged_into=member.pk).order_by("pk"))
    merges = {each.member_id: each for each in _merges([member.pk, *(record.pk for record in records)])}
    return {
        "member": member,
        "own": merges.get(member.pk) if member.merged_into_id else None,
        "records": [(record, merges.get(record.pk)) for record in records],
        "duplicates": duplicates_of(member, user) if member.merged_into_id is None else [],
        "find_url": reverse("members:merge_find", args=(member.pk,)),
    }


def _merges(records: list[int]) -> list[Merging]:
    return list(Merging.objects.filter(member__in=records, undone_at=None).select_related("by"))


def duplicates_waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Pairs for which somebody said of one what the other is known by; those that only look alike can wait."""
    del now
    found = pairs_for(user).filter(is_strong=True).count()
    if found:
        yield WorkItem(
            state="watch",
            title=ngettext(
                "%(count)d pair of members may be one person", "%(count)d pairs of members may be one person", found
            )
            % {"count": found},
            detail=_("Until they are merged, each is counted, judged and written to by herself."),
            url=reverse("members:duplicates"),
            act=gettext_lazy("Look at them"),
        )


menu.register(
    MenuEntry(
        code="duplicates",
        group="members",
        title=gettext_lazy("Likely duplicates"),
        url_name="members:duplicates",
        icon="merge",
        permission=MERGE,
        order=15,
    )
)
member_panels.register(
    MemberPanel(
        code="records",
        template="members/panel_records.html",
        load=load_records,
        place="side",
        permission=MERGE,
        later=True,
        order=90,
    )
)
work.register(WorkSource(code="duplicates", items=duplicates_waiting, permission=MERGE, order=60))
