"""What activities add to the member page: what she took part in, and what she bought by it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from campaigns.selectors.member import activities_of
from members.admin.extension import MemberPanel, member_panels
from members.models import Member

SHOWN = 6


def load_activities(request: HttpRequest, member: Member) -> Mapping[str, Any] | None:
    """Hidden where she never took part."""
    rows = activities_of(member, limit=SHOWN)
    if not rows:
        return None
    return {"activities": rows, "may_open": request.user.has_perm("campaigns.view_activity")}


member_panels.register(
    MemberPanel(
        code="activities",
        template="campaigns/panel_activities.html",
        load=load_activities,
        place="side",
        later=True,
        permission="campaigns.view_participation",
        order=60,
    )
)
