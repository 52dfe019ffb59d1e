"""What content knows of a member: which items she opened, read, watched, saved or shared."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from content.models import SlotReach
from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, classify, privacy
from core.services.erasing import delete_by

PATHS = (PersonPath("content_slotreach.member_id", Ending.DELETE),)


def export_content(member_id: int) -> Mapping[str, Any]:
    rows = SlotReach.objects.filter(member=member_id).select_related("slot").order_by("first_at", "act")
    return {"content": [{"item": row.slot.title, "act": row.act, "first": row.first_at.isoformat()} for row in rows]}


privacy.register(
    PrivacyHandler(
        code="content",
        label=_("Content that she used"),
        subject_kind="member",
        export=export_content,
        erase=delete_by(PATHS),
        paths=PATHS,
        order=62,
    )
)
classify("content_slotreach", quasi="member_id", behavioural="slot_id act first_at")
classify(
    "content_contenttype",
    none="id code mark stage name_zh name_en aim_zh aim_en practice_zh practice_en minutes measure_days position is_active",
)
classify("content_target", none="id type_id metric least")
classify("content_material", none="id title kind owner_id is_archived created_at changed_at")
classify(
    "content_materialversion",
    none="id material_id number title text link app_id app_path file_digest file_name file_type file_size digest by_id at",
)
classify(
    "content_slot",
    none="id type_id title version_id owner_id planned_at minutes audience_id source_kind source_id series_id account shown_on note "
    "state was_scheduled published_at published_by_id link measured_at created_at changed_at",
)
classify("content_series", none="id title every_days times by_id at")
classify(
    "content_festival",
    none="id code name_zh name_en kind reckoning month day weekday term date offset length is_active",
)
classify("content_festivaltemplate", none="id name_zh name_en festival_id is_active")
classify("content_templateitem", none="id template_id days time type_id title_zh title_en")
classify(
    "content_cadencerule",
    none="id name_zh name_en type_id count period warn_days week_starts time_zone position is_active",
)
classify("content_activehours", none="day days hours counted_at")
classify("content_audiencehours", none="audience_id version days hours counted_at")
classify("content_calendarsettings", none="id send_windows missed_hours changed_at")
classify("content_slotresult", none="id slot_id metric known value part base target reason as_of")
classify("content_livereport", none="id session slot_id title began_at gmv stay_minutes viewers by_id at")
classify("content_platformreport", none="id account day followers delivered opened by_id at")
