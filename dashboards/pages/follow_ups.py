"""A click on Today: this member was seen to."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.pages import StaffRequest
from core.errors import NotFound
from core.moments import NO_DAY, read_day
from core.pages import page
from core.rules.whole import whole_in
from dashboards.enums import FollowUpKind
from dashboards.errors import FollowUpNotValid
from dashboards.selectors.follow_ups import Group, Reason
from dashboards.services.follow_ups import follow_up


@page("dashboards.add_followup")
@require_POST
def seen_to(request: StaffRequest) -> HttpResponse:
    """The form names the member, the reason and the day that it is about."""
    try:
        follow_up(
            member_id=_number(request.POST.get("member", "")),
            kind=request.POST.get("kind", ""),
            about=_day(request.POST.get("about", "")),
            by=request.user,
            now=timezone.now(),
        )
    except NotFound as missing:
        raise Http404 from missing
    except FollowUpNotValid as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Noted as followed up."))
    return redirect("dashboards:today")


def _number(text: str) -> int:
    found = whole_in(text)
    if found is None:
        raise NotFound
    return found


def _day(text: str) -> date:
    found = read_day(text)
    if found is None:
        raise FollowUpNotValid(fields={"about": [NO_DAY]})
    return found


def groups_in_words(groups: list[Group]) -> list[dict[str, Any]]:
    """What Today shows of them."""
    return [
        {
            "kind": group.kind,
            "label": group.kind.label,
            "more": group.more,
            "rows": [
                {"member": member, "about": reason.about.isoformat(), "why": why(reason), "kind": reason.kind}
                for reason, member in group.dues
            ],
        }
        for group in groups
    ]


def why(reason: Reason) -> str:
    """A few words on the day or what was lost."""
    match reason.kind:
        case FollowUpKind.BIRTHDAY:
            return _in_days(reason.days)
        case FollowUpKind.COUPON:
            return _("“%(coupon)s” ends %(when)s") % {"coupon": reason.what[0], "when": _in_days(reason.days)}
        case FollowUpKind.TIER_LOSS:
            return _("%(before)s → %(after)s") % {"before": reason.what[0], "after": reason.what[1]}
        case _:
            return ngettext("silent for %(count)d day", "silent for %(count)d days", reason.days) % {
                "count": reason.days
            }


def _in_days(days: int) -> str:
    if days <= 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
