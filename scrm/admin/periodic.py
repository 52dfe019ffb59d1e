"""Periodic tasks: what runs by itself, when it last did, and a switch."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.admin import PeriodicTaskAdmin as BeatAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from accounts.pages import staff_of
from audit.admin import RecordedAdmin
from core.registries import MenuEntry, menu, schedules
from scrm import selectors, services
from scrm.admin.words import timing_of
from scrm.models import ScheduledRun

STATES = {
    ScheduledRun.Outcome.WAITING: "none",
    ScheduledRun.Outcome.RUNNING: "busy",
    ScheduledRun.Outcome.SUCCEEDED: "good",
    ScheduledRun.Outcome.FAILED: "act",
}

# The words of django-celery-beat are for programmers.
HELP = dict.fromkeys(("enabled", "description", "interval", "crontab"), "")

menu.register(
    MenuEntry(
        code="tasks",
        group="settings",
        title=gettext_lazy("Tasks"),
        url_name="admin:django_celery_beat_periodictask_changelist",
        icon="schedule",
        permission="django_celery_beat.view_periodictask",
        order=90,
    )
)

for model in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


@admin.register(IntervalSchedule, CrontabSchedule)
class TimingAdmin(RecordedAdmin):
    """Reached from the form of a task only."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        del request
        return False


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(RecordedAdmin):
    form = BeatAdmin.form
    fields = (("name", "enabled"), "description", ("interval", "crontab"))
    readonly_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        switch = self.admin_site.admin_view(self.switch_view)
        return [path("<int:task_id>/switch/", switch, name="scrm_task_switch"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[PeriodicTask]":
        return super().get_queryset(request).select_related("interval", "crontab").order_by("name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """What runs is shipped with the product; an operator decides whether and when."""
        del request
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Without django-celery-beat's choice of code: tasks are named by schedules, not by operators."""
        return super().get_form(request, obj, change, form=ModelForm, help_texts=HELP, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Tasks"),
            "rows": self._rows(request),
            "can_change": self.has_change_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "scrm/tasks.html", context)

    def _rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        runs = selectors.last_runs()
        return [_row(task, runs.get(task.name)) for task in self.get_queryset(request)]

    def switch_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        task = get_object_or_404(PeriodicTask, pk=task_id)
        on = request.POST.get("on") == "1"
        services.switch_task(task=task, on=on, by=staff_of(request))
        title = title_of(task)
        messages.success(
            request,
            _("“%(task)s” runs again.") % {"task": title} if on else _("“%(task)s” is switched off.") % {"task": title},
        )
        return redirect("admin:django_celery_beat_periodictask_changelist")


def title_of(task: PeriodicTask) -> str:
    """In the reader's language for what is shipped; what an operator wrote otherwise."""
    return str(schedules.get(task.name).description) if task.name in schedules else task.description or task.name


def _row(task: PeriodicTask, run: ScheduledRun | None) -> dict[str, Any]:
    return {
        "task": task,
        "title": title_of(task),
        "timing": timing_of(task),
        "run": run,
        "state": STATES[ScheduledRun.Outcome(run.outcome)] if run else "none",
    }
