"""What results know of a member: given out on request, and what goes with her."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, Purge, classify, privacy, purges
from core.services.erasing import count_older, delete_by, purge_older
from dashboards.models import ChurnFlag, FollowUp

PATHS = (
    PersonPath("dashboards_churnflag.member_id", Ending.DELETE),
    PersonPath("dashboards_followup.member_id", Ending.DELETE),
)


def export_results(member_id: int) -> Mapping[str, Any]:
    """When the brand was warned of her, and when somebody saw to her."""
    flags = ChurnFlag.objects.filter(member=member_id).order_by("since", "pk")
    seen_to = FollowUp.objects.filter(member=member_id).order_by("at", "pk")
    return {
        "churn_warnings": [
            {
                "last_sign_of_life": row.seen.isoformat(),
                "since": row.since.isoformat(),
                "until": row.until.isoformat() if row.until else None,
                "ended": row.ended,
            }
            for row in flags
        ],
        "follow_ups": [{"why": row.kind, "at": row.at.isoformat()} for row in seen_to],
    }


privacy.register(
    PrivacyHandler(
        code="dashboards",
        label=_("Warnings and follow-ups"),
        subject_kind="member",
        export=export_results,
        erase=delete_by(PATHS),
        paths=PATHS,
        order=70,
    )
)
OLD_FLAGS = {"table": "dashboards_churnflag", "moment": "until", "member": "member_id"}
OLD_FOLLOW_UPS = {"table": "dashboards_followup", "moment": "at", "member": "member_id"}
purges.register_all(
    (
        Purge(
            code="churn_warnings",
            label=_("Churn warnings that ended"),
            days=396,
            count=count_older(**OLD_FLAGS),
            purge=purge_older(**OLD_FLAGS, key="id"),
            order=16,
        ),
        Purge(
            code="follow_ups",
            label=_("Follow-ups"),
            days=396,
            count=count_older(**OLD_FOLLOW_UPS),
            purge=purge_older(**OLD_FOLLOW_UPS, key="id"),
            order=17,
        ),
    )
)
classify("dashboards_churnflag", quasi="id member_id", behavioural="seen days scope since until ended")
classify("dashboards_followup", quasi="id member_id", behavioural="kind about by_id at")
classify("dashboards_cohortcount", none="id kind cohort store_id step members amount day")
classify("dashboards_countdone", none="code at")
classify("dashboards_churnrule", none="id scope audience_id days")
classify(
    "dashboards_silencecurve",
    none="scope audience_id version first_day last_day members returned unended counted_at",
)
classify(
    "dashboards_insightsettings",
    none="id silence_days horizon_days least_silences preference_days least_buyers least_hours team_days least_members",
)
classify("dashboards_kpiweight", none="figure weight")
classify(
    "dashboards_preferencecell",
    none="id store_id city_tier whole category buyers spend squares products first_day last_day counted_at",
)
classify(
    "dashboards_teamfigures",
    none="id day window_days store_id guide_id members joined_then retained bought_before bought_again gmv interactions "
    "joined follow_ups counted_at",
)
classify(
    "dashboards_metricdefinition",
    none="id code level position name_zh name_en words_zh words_en formula window_days comparison unit good_side low "
    "high tolerance owner_id advice_zh advice_en is_active version counted_as",
)
classify("dashboards_metricversion", none="id metric_id version definition at by_label reason")
classify(
    "dashboards_snapshot",
    none="id metric_id day slice slice_id value base facts facts_before sample sight lack since counted_as computed_at "
    "computed_by",
)
classify("dashboards_changedday", none="id source day at")
classify("dashboards_sourceday", none="id source day digest")
