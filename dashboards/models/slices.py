"""By what figures are split. Sums of everybody's tiers, audiences and activities are for those who see everybody."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Reach
from accounts.models import Store, User
from campaigns.enums import STARTED
from campaigns.models import Activity
from segments.enums import AudienceState
from segments.errors import AudienceInvalid
from segments.models import Audience
from segments.selectors.audiences import audience_statement
from segments.selectors.flow import TIER_AT
from segments.selectors.tiers import tier_names
from timeline.models import MemberSlice, member_slices

STORE = "store"


def stores(user: User) -> Mapping[str, str]:
    rows = Store.objects.all() if user.reach == Reach.ALL else user.own_stores()
    return {str(store.pk): store.name for store in rows if user.reach in {Reach.ALL, Reach.STORES}}


def tiers(user: User) -> Mapping[str, str]:
    return tier_names() if user.reach == Reach.ALL else {}


def audiences(user: User) -> Mapping[str, str]:
    if user.reach != Reach.ALL or not user.has_perm("segments.view_audience"):
        return {}
    return {str(pk): name for pk, name in Audience.objects.values_list("pk", "name")}


def activities(user: User) -> Mapping[str, str]:
    if user.reach != Reach.ALL or not user.has_perm("campaigns.view_activity"):
        return {}
    started = Activity.objects.filter(Q(state__in=STARTED)).order_by("-started_at")
    return {str(pk): name for pk, name in started.values_list("pk", "name")}


def audiences_now() -> Mapping[str, tuple[str, list[Any]]]:
    """A rule that names what is gone finds nobody: its figures pause until it is mended."""
    found, now = {}, timezone.now()
    for audience in Audience.objects.filter(state=AudienceState.ACTIVE):
        try:
            found[str(audience.pk)] = audience_statement(audience, now=now)
        except AudienceInvalid:
            continue
    return found


member_slices.register_all(
    (
        MemberSlice(
            code=STORE,
            label=_("Store"),
            choices=stores,
            members="SELECT home_store_id::text AS slice_id, id AS member_id FROM members_member "
            "WHERE home_store_id IS NOT NULL",
            single=True,
            order=10,
        ),
        MemberSlice(
            code="tier",
            label=_("Tier"),
            choices=tiers,
            members=f"SELECT tier AS slice_id, member_id FROM ({TIER_AT.replace('%(at)s', '%(end)s')}) AS stood "  # noqa: S608  # SQL of this project
            "WHERE tier <> ''",
            single=True,
            order=20,
        ),
        MemberSlice(code="audience", label=_("Audience"), choices=audiences, members_now=audiences_now, order=30),
        MemberSlice(
            code="activity",
            label=_("Activity"),
            choices=activities,
            members="""
                SELECT DISTINCT took.activity_id::text AS slice_id, took.member_id
                FROM campaigns_participation AS took JOIN campaigns_activity AS activity ON activity.id = took.activity_id
                WHERE took.occurred_at < %(end)s AND activity.started_at < %(end)s
                    AND (activity.ended_at IS NULL OR activity.ended_at > %(end)s - interval '90 days')
            """,
            order=40,
        ),
    )
)
