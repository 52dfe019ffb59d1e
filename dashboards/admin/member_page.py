"""What results add to the member page: the warning with what it is worth, and the hours at which she is active."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.pages import staff_of
from dashboards.models import ChurnFlag
from dashboards.pages.hours import window_of
from dashboards.selectors.hours import active_hours_of_member
from dashboards.selectors.settings import insight_settings
from dashboards.selectors.silences import silences_for
from members.admin.extension import MemberPanel, member_panels
from members.models import Member


def load_warning(request: HttpRequest, member: Member) -> Mapping[str, Any] | None:
    """Hidden where the brand is not warned of her. The share is that of everybody, or of the reader's stores."""
    flag = ChurnFlag.objects.filter(member=member, until=None).first()
    if flag is None:
        return None
    settings = insight_settings()
    found = silences_for(staff_of(request), flag.scope)
    return {
        "flag": flag,
        "silent": (timezone.localdate() - flag.seen).days - 1,
        "horizon": settings.horizon_days,
        "loss": found.loss(flag.days, settings) if found else None,
        "last_day": found.last_day if found else None,
    }


def load_hours(request: HttpRequest, member: Member) -> Mapping[str, Any] | None:
    """Hidden where she did nothing in half a year; a word where it is too little to tell."""
    del request
    awake = active_hours_of_member(member, now=timezone.now())
    if not awake.total:
        return None
    most = max(awake.hours)
    return {
        "awake": awake,
        "enough": awake.total >= insight_settings().least_hours,
        "window": window_of(awake),
        "bars": [
            {"hour": hour, "times": times, "height": round(100 * times / most)}
            for hour, times in enumerate(awake.hours)
        ],
    }


member_panels.register_all(
    (
        MemberPanel(
            code="churn",
            template="dashboards/panel_churn.html",
            load=load_warning,
            place="side",
            later=True,
            permission="dashboards.view_churnflag",
            order=5,
        ),
        MemberPanel(
            code="hours",
            template="dashboards/panel_hours.html",
            load=load_hours,
            place="side",
            later=True,
            permission="timeline.view_interaction",
            order=55,
        ),
    )
)
