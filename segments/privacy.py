"""What tiers and tags know of a person. Moves between tiers stay as counts, without the sums that decided them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.privacy import classify_history
from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, classify, privacy
from core.services.erasing import delete_by, run
from segments.models import MemberStanding, MemberTag, MemberTagEvent, TierChange

PATHS = (
    PersonPath("segments_memberstanding.member_id", Ending.DELETE),
    PersonPath("segments_membertag.member_id", Ending.DELETE),
    PersonPath("segments_membertagevent.member_id", Ending.DELETE),
    PersonPath(
        "segments_tierchange.member_id",
        Ending.MASK,
        _(
            "That somebody moved between two tiers is kept, so that counts stay right; the sums behind it are taken out."
        ),
    ),
)
# The last move of everybody who is no longer in a run: out of her tier.
_LEAVE = """
INSERT INTO segments_tierchange (member_id, at, from_tier, to_tier, run_id, sums)
SELECT member_id, statement_timestamp(), tier, '', (SELECT max(id) FROM segments_tierrun), '{}'
FROM segments_memberstanding
WHERE member_id = %(id)s AND EXISTS (SELECT FROM segments_tierchange WHERE member_id = %(id)s)
"""
_FORGET_SUMS = """
UPDATE segments_tierchange SET sums = '{}', known_at = NULL, r = NULL, f = NULL, m = NULL
WHERE member_id = %(id)s AND (sums <> '{}' OR known_at IS NOT NULL OR r IS NOT NULL)
"""
_delete = delete_by(PATHS)


def export_segments(member_id: int) -> Mapping[str, Any]:
    """Tier, how it came about, and tags with their history."""
    return {
        "standing": [
            {"tier": row.tier, "since": row.tier_since.isoformat(), "scores": {"R": row.r, "F": row.f, "M": row.m}}
            for row in MemberStanding.objects.filter(pk=member_id)
        ],
        "tier_history": [
            {"at": row.at.isoformat(), "from": row.from_tier, "to": row.to_tier}
            for row in TierChange.objects.filter(member=member_id).order_by("at", "id")
        ],
        "tags": [
            {"tag": row.tag.name, "source": row.source, "since": row.added_at.isoformat()}
            for row in MemberTag.objects.filter(member=member_id).select_related("tag").order_by("added_at", "id")
        ],
        "tag_history": [
            {"at": row.at.isoformat(), "tag": row.tag_name, "act": row.action, "source": row.source}
            for row in MemberTagEvent.objects.filter(member=member_id).order_by("at", "id")
        ],
    }


def erase_segments(member_id: int) -> int:
    run(_LEAVE, id=member_id)
    return run(_FORGET_SUMS, id=member_id) + _delete(member_id)


privacy.register(
    PrivacyHandler(
        code="segments",
        label=_("Tier and tags"),
        subject_kind="member",
        export=export_segments,
        erase=erase_segments,
        paths=PATHS,
        order=60,
    )
)
classify(
    "segments_memberstanding",
    quasi="member_id",
    behavioural="known_at first_fact_at last_order_at last_interaction_at frequency monetary sums r f m tier tier_since",
)
classify(
    "segments_tierchange", quasi="id member_id", behavioural="at from_tier to_tier sums known_at r f m", none="run_id"
)
classify("segments_membertag", quasi="id member_id", behavioural="tag_id source added_at expires_at", none="by_label")
classify(
    "segments_membertagevent", quasi="id member_id", behavioural="tag_id tag_name action source at", none="by_label"
)
classify(
    "segments_tag", identifier="rule", none="id name lasts_days is_active refreshed_at holders counted_at group_id"
)
classify("segments_taggroup", none="id name position")
classify("segments_rfmconfig", none="id window_days method recency_days frequency monetary")
classify("segments_tier", none="id code name_zh name_en position strategy_zh strategy_en goal goal_target is_active")
classify("segments_tiercriterion", none="id alternative measure window_days operator value tier_id")
classify(
    "segments_tierrun",
    none="id as_of kind horizon ceiling pending definitions cutoffs members moved by_tier started_at seconds by_label",
)
classify(
    "segments_tiersnapshot",
    none="id day tier as_of members joined left orders_30d buyers_30d revenue_30d lifetime_value",
)
classify("segments_goalprogress", none="id day tier goal as_of target value now before sample reason")
classify("segments_runrequest", none="id asked_at by_id started_at finished_at attempts error run_id")
classify_history("segments_rfmconfig", none="pgh_obj_id window_days method recency_days frequency monetary")
classify_history(
    "segments_tier",
    none="pgh_obj_id code name_zh name_en position strategy_zh strategy_en goal goal_target is_active",
)
classify_history("segments_tiercriterion", none="pgh_obj_id alternative measure window_days operator value tier_id")
classify(
    "segments_audience",
    identifier="rule",
    none="id name description owner_id state version size refreshed_at counting_since created_at",
)
classify("segments_audiencesize", none="id audience_id day size")
