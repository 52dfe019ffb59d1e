"""When a task runs, in words."""

from cron_descriptor import ExpressionDescriptor, Options
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_celery_beat.models import CrontabSchedule, PeriodicTask

DAY, HOUR, MINUTE = 86_400, 3_600, 60


def timing_of(task: PeriodicTask) -> str:
    if task.interval:
        return every(int(task.interval.schedule.run_every.total_seconds()))
    return at(task.crontab) if task.crontab else _("once")


def every(seconds: int) -> str:
    """The largest unit that divides it."""
    if seconds % DAY == 0:
        return ngettext("every day", "every %(count)d days", seconds // DAY) % {"count": seconds // DAY}
    if seconds % HOUR == 0:
        return ngettext("every hour", "every %(count)d hours", seconds // HOUR) % {"count": seconds // HOUR}
    if seconds % MINUTE == 0:
        return ngettext("every minute", "every %(count)d minutes", seconds // MINUTE) % {"count": seconds // MINUTE}
    return ngettext("every second", "every %(count)d seconds", seconds) % {"count": seconds}


def at(crontab: CrontabSchedule) -> str:
    """The crontab in the reader's language: plain daily and weekly ones in our words, others as described."""
    time = (
        f"{int(crontab.hour):02}:{int(crontab.minute):02}"
        if crontab.hour.isdigit() and crontab.minute.isdigit()
        else ""
    )
    if time and (crontab.day_of_month, crontab.month_of_year) == ("*", "*"):
        if crontab.day_of_week == "*":
            return _("daily at %(time)s") % {"time": time}
        if crontab.day_of_week.isdigit():
            weekday = WEEKDAYS[(int(crontab.day_of_week) - 1) % 7]
            return _("%(weekday)s at %(time)s") % {"weekday": weekday, "time": time}
    return described(crontab)


def described(crontab: CrontabSchedule) -> str:
    options = Options()
    options.use_24hour_time_format = True
    options.locale_code = "zh_CN" if (get_language() or "").startswith("zh") else "en_US"
    expression = " ".join(
        str(part)
        for part in (crontab.minute, crontab.hour, crontab.day_of_month, crontab.month_of_year, crontab.day_of_week)
    )
    return str(ExpressionDescriptor(expression, options).get_description())
