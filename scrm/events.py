"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "scrm",
    schedule_added=_("Entered a built-in task"),
    task_switched=_("Switched a periodic task on or off"),
    back_up=_("Made a backup"),
    prune_backups=_("Deleted old backups"),
    restore=_("Restored a backup"),
    restore_drill=_("Ran a restore drill"),
    request_audit_pack=_("Asked for an audit pack"),
    make_audit_pack=_("Made an audit pack"),
    download_audit_pack=_("Downloaded an audit pack"),
)
name_acts(
    "demo",
    load=_("Loaded the sample brand"),
    finish=_("Finished the sample brand"),
)
name_acts(
    "django_celery_beat",
    periodictask__create=_("Added a periodic task"),
    periodictask__change=_("Changed a periodic task"),
    intervalschedule__create=_("Added an interval"),
    intervalschedule__change=_("Changed an interval"),
    crontabschedule__create=_("Added a time of day"),
    crontabschedule__change=_("Changed a time of day"),
)
