"""What results tell the page "Today": who has gone silent since yesterday, and whether the figures are fresh."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Reach
from core.registries import WorkItem, WorkSource, health, work
from core.templatetags.scrm import figure, moment_text
from dashboards.enums import NightlyCount
from dashboards.models import ChurnFlag, CountDone
from members.models import Member

OLD = timedelta(hours=30)
PERMISSION = "dashboards.view_results"


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Newly flagged members that she sees."""
    today = timezone.localdate(now)
    flags = ChurnFlag.objects.filter(until=None, since=today)
    if user.reach != Reach.ALL:
        flags = flags.filter(member__in=Member.objects.visible_to(user).order_by())
    people = flags.count()
    if people:
        yield WorkItem(
            state="watch",
            title=ngettext("%(count)s member has gone silent", "%(count)s members have gone silent", people)
            % {"count": figure(people)},
            detail=_("Since last night beyond the threshold of the churn warning."),
            url=f"{reverse('admin:members_member_changelist')}?churn=1",
            act=_("See whom the brand is warned of"),
        )


def condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Since when every count of the night has been done: one that fails falls behind, one that never was done is named."""
    del user
    counted = dict(CountDone.objects.values_list("code", "at"))
    never = [str(count.label) for count in NightlyCount if count not in counted]
    if not counted:
        state, detail = "none", _("not measured yet; that happens every night")
    elif never:
        state, detail = "act", _("never counted to the end: %(names)s") % {"names": ", ".join(never)}
    else:
        oldest = min(counted.values())
        state, detail = "act" if now - oldest > OLD else "good", moment_text(oldest, now)
    yield WorkItem(state=state, title=_("Insights"), detail=detail, url=reverse("dashboards:churn"), act="")


work.register(WorkSource(code="dashboards.churn", items=waiting, permission=PERMISSION, order=35))
health.register(WorkSource(code="dashboards.insights", items=condition, permission=PERMISSION, order=40))
