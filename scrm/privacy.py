"""Tables of the packages and of the broker. The admin's own log is not written by us, but where a row stands it goes."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from core.registries import PrivacyHandler, Purge, classify, privacy, purges
from core.services.erasing import count_older, purge_older
from scrm.broker import QUEUES


def export_nothing(member_id: int) -> Mapping[str, Any]:
    """These tables are about staff and programs; what they know of a member is what staff did, not what she is."""
    del member_id
    return {}


def erase_admin_log(member_id: int) -> int:
    rows = LogEntry.objects.filter(content_type__app_label="members", object_id=str(member_id))
    return rows.delete()[0]


privacy.register(
    PrivacyHandler(
        code="admin_log",
        label=_("Log of the admin"),
        subject_kind="member",
        export=export_nothing,
        erase=erase_admin_log,
        order=70,
    )
)
OLD_SESSIONS = {"table": "django_session", "moment": "expire_date"}
purges.register(
    Purge(
        code="sessions",
        label=_("Sign-ins of staff that have expired"),
        days=1,
        count=count_older(**OLD_SESSIONS),
        purge=purge_older(**OLD_SESSIONS, key="session_key"),
        order=90,
    )
)
classify("scrm_scheduledrun", none="id schedule planned_at started_at finished_at duration outcome error")
classify("scrm_backuprun", none="id act started_at finished_at ok size error report")
classify(
    "scrm_auditpack",
    none="id state reason asked_by_id asked_at started_at finished_at expires_at done_items all_items size digest salt",
)
classify("django_session", sensitive="session_key session_data", none="expire_date")
classify(
    "django_admin_log",
    identifier="object_repr change_message",
    quasi="object_id user_id",
    behavioural="action_time action_flag",
    none="id content_type_id",
)
classify("auth_group", none="id name")
classify("auth_group_permissions", none="id group_id permission_id")
classify("auth_permission", none="id name content_type_id codename")
classify("django_content_type", none="id app_label model")
classify("django_migrations", none="id app name applied")
classify("django_celery_beat_clockedschedule", none="id clocked_time")
classify("django_celery_beat_crontabschedule", none="id minute hour day_of_week day_of_month month_of_year timezone")
classify("django_celery_beat_intervalschedule", none="id every period")
classify("django_celery_beat_periodictasks", none="ident last_update")
classify("django_celery_beat_solarschedule", none="id event latitude longitude")
classify(
    "django_celery_beat_periodictask",
    none="id name task args kwargs queue exchange routing_key expires enabled last_run_at total_run_count date_changed "
    "description crontab_id interval_id solar_id one_off start_time priority headers clocked_id expire_seconds",
)
for queue in QUEUES:  # messages only wake somebody up: they carry numbers of rows
    classify(f"pgmq.q_{queue}", quasi="message headers", none="msg_id read_ct enqueued_at last_read_at vt")
    classify(f"pgmq.a_{queue}", quasi="message headers", none="msg_id read_ct enqueued_at last_read_at archived_at vt")
classify("pgmq.meta", none="queue_name is_partitioned is_unlogged created_at")
classify("pgmq.notify_insert_throttle", none="queue_name throttle_interval_ms last_notified_at")
classify("pgmq.topic_bindings", none="pattern queue_name bound_at compiled_regex")
classify("pghistory_context", none="id created_at updated_at metadata")
TRIED = "username ip_address"  # of staff, and of whoever tried to be one
classify(
    "axes_accessattempt",
    sensitive="get_data post_data",
    identifier=TRIED,
    behavioural="attempt_time failures_since_start",
    quasi="user_agent http_accept path_info",
    none="id",
)
classify("axes_accessattemptexpiration", none="access_attempt_id expires_at")
classify(
    "axes_accessfailurelog",
    identifier=TRIED,
    behavioural="attempt_time locked_out",
    quasi="user_agent http_accept path_info",
    none="id",
)
classify(
    "axes_accesslog",
    sensitive="session_hash",
    identifier=TRIED,
    behavioural="attempt_time logout_time",
    quasi="user_agent http_accept path_info",
    none="id",
)
