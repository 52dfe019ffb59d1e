"""What moderation, titles and the value plan say on the page of a group."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.pages import StaffRequest
from community.models import Group, Violation
from community.pages.panels import GroupPanel, group_panels
from community.pages.value_plans import table_of
from community.pages.words import name_of
from community.selectors.titles import holders, moves_of

DAYS, HOLDERS, MOVES = 30, 8, 5


def value_plan_panel(group: Group, request: StaffRequest) -> Mapping[str, Any]:
    return {**table_of(group), "sees_slots": request.user.has_perm("content.view_slot")}


def titles_panel(group: Group, request: StaffRequest) -> Mapping[str, Any]:
    user = request.user
    moves = moves_of(Group.objects.filter(pk=group.pk), most=MOVES)
    return {
        "holders": [(row, name_of(row.participant, user)) for row in holders(group, most=HOLDERS)],
        "moves": [(row, name_of(row.participant, user)) for row in moves],
    }


def moderation_panel(group: Group, _request: StaffRequest) -> Mapping[str, Any]:
    since = timezone.now() - timedelta(days=DAYS)
    counts = Violation.objects.filter(group=group).aggregate(
        waiting=Count("pk", filter=Q(state="open")),
        lately=Count("pk", filter=Q(occurred_at__gte=since)),
        upheld=Count("pk", filter=Q(occurred_at__gte=since, state="decided") & ~Q(outcome="dismissed")),
        machine=Count("pk", filter=Q(occurred_at__gte=since, state="decided", first_by=None)),
    )
    return {**counts, "days": DAYS}


group_panels.register_all(
    (
        GroupPanel(
            code="value_plan",
            title=_("What the group gets"),
            template="community/panel_value_plan.html",
            context=value_plan_panel,
            place="main",
            permission="community.view_valueplan",
            order=20,
        ),
        GroupPanel(
            code="moderation",
            title=pgettext_lazy("group", "Violations"),
            template="community/panel_moderation.html",
            context=moderation_panel,
            place="side",
            permission="community.view_violation",
            order=20,
        ),
        GroupPanel(
            code="titles",
            title=_("Titles held"),
            template="community/panel_titles.html",
            context=titles_panel,
            place="side",
            permission="community.view_titleholding",
            order=30,
        ),
    )
)
