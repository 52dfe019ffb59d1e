"""Co-creation tasks: the list, one task with its deliveries, the form, what is done to it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.models import User
from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from community.enums.koc import KocLevel
from community.enums.ugc import UgcKind
from community.enums.work import TaskState
from community.models import Delivery, Task
from community.pages.earning_words import DELIVERY_MARKS, TASK_MARKS, number_in, posted, refuse
from community.selectors.shown_koc import koc_named, shown_koc
from community.selectors.tasks_of_koc import SHOWN, after, counts_of, deliveries_of, mark_of, may_take, tasks
from community.services.handing_in import accept_task
from community.services.tasks_of_koc import (
    TaskIn,
    cancel_task,
    change_task,
    close_task,
    create_task,
    open_task,
    plan_of,
)
from core.errors import ScrmError
from core.pages import in_frame, page
from loyalty.enums import CouponState
from loyalty.models import Coupon
from loyalty.pages.reading import Reader, typed_moment, typed_plain

PAGE = 50
MOST_CHOICES = 100
OWNERS = (Role.MARKETER, Role.ADMINISTRATOR)
FIELDS = ("title", "brief", "wish", "level", "owner_id", "due_at", "seats", "reward_amount", "reward_coupon_id")
VERBS: dict[str, Callable[..., Task]] = {"open": open_task, "close": close_task}


@page("community.view_task")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Fifty at once, the newest first, with what was delivered."""
    show = request.GET.get("show", "open")
    show = show if show in SHOWN else "open"
    before = number_in(request.GET.get("before", ""))
    found = tasks(show)
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    counts = counts_of(rows[:PAGE], user=request.user)
    context = {
        "title": _("Co-creation tasks"),
        "rows": [(task, TASK_MARKS[task.state], counts[task.pk]) for task in rows[:PAGE]],
        "show": show,
        "shown": (("open", _("Planned and open")), ("ended", _("Over"))),
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "now": timezone.now(),
        "can_add": request.user.has_perm("community.add_task"),
        "can_decide": request.user.has_perm("community.decide_delivery"),
        "can_see_benefits": request.user.has_perm("community.view_prioritybenefit"),
    }
    return in_frame(request, "community/tasks.html", context)


@page("community.view_task")
@require_safe
def detail(request: StaffRequest, task_id: int) -> HttpResponse:
    """The brief, the seats, who took one and what came."""
    task = get_object_or_404(Task.objects.select_related("owner", "reward_coupon"), pk=task_id)
    return _show(request, task)


def _show(request: StaffRequest, task: Task, *, typed: str = "", status: int = 200) -> HttpResponse:
    found = deliveries_of(task, user=request.user)
    rows: list[Delivery] = list(after(found, request.GET.get("before", ""))[: PAGE + 1])
    people = shown_koc(request.user, (row.koc_id for row in rows))
    context = {
        "title": task.title,
        "task": task,
        "mark": TASK_MARKS[task.state],
        "rows": [(row, DELIVERY_MARKS[row.state], people.get(row.koc_id)) for row in rows[:PAGE]],
        "older": mark_of(rows[PAGE - 1]) if len(rows) > PAGE else None,
        "now": timezone.now(),
        "may_take": may_take(task, request.user),
        "typed": typed,
        "history": latest_acts(task),
        "may": {
            "change": request.user.has_perm("community.change_task"),
            "take": request.user.has_perm("community.add_delivery"),
        },
    }
    return in_frame(request, "community/task.html", context, status=status)


@page("community.add_task")
@require_http_methods(["GET", "POST"])
def create(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        typed = {"owner_id": str(request.user.pk), "level": KocLevel.CO_CREATION.value, "wish": UgcKind.PICTURE.value}
        return _form(request, None, typed)
    return _save(request, None)


@page("community.change_task")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, task_id: int) -> HttpResponse:
    task = get_object_or_404(Task, pk=task_id)
    if task.state not in {TaskState.DRAFT, TaskState.OPEN}:
        messages.info(request, _("This task is over, and is not changed any more."))
        return redirect("community:task", task.pk)
    return _form(request, task, _typed(plan_of(task))) if request.method == "GET" else _save(request, task)


@page("community.change_task")
@require_POST
def act(request: StaffRequest, task_id: int, verb: str) -> HttpResponse:
    """Open, close or cancel; what refuses it is said on the page of the task."""
    task = get_object_or_404(Task, pk=task_id)
    now = timezone.now()
    try:
        if verb == "cancel":
            reason = request.POST.get("reason", "").replace("\x00", "")
            task = cancel_task(task=task, reason=reason, by=request.user, now=now)
        else:
            task = VERBS[verb](task=task, by=request.user, now=now)
    except ScrmError as refused:
        refuse(request, refused)
    else:
        messages.success(request, _("The task is now: %(state)s.") % {"state": task.get_state_display()})
    return redirect("community:task", task_id)


@page("community.add_delivery")
@require_POST
def take(request: StaffRequest, task_id: int) -> HttpResponse:
    """A seat for a KOC, named by her code or her member number."""
    task = get_object_or_404(Task.objects.select_related("owner", "reward_coupon"), pk=task_id)
    typed = request.POST.get("koc", "")[:40]
    koc = koc_named(request.user, typed)
    if koc is None:
        messages.error(request, _("“%(text)s” is no code of a KOC whom you may see.") % {"text": typed})
        return _show(request, task, typed=typed, status=422)
    try:
        delivery = accept_task(task=task, koc=koc, by=request.user, now=timezone.now())
    except ScrmError as refused:
        refuse(request, refused)
        return _show(request, task, typed=typed, status=refused.status)
    messages.success(request, _("She has a seat. Record here what she hands in."))
    return redirect("community:delivery", delivery.pk)


def _save(request: StaffRequest, task: Task | None) -> HttpResponse:
    typed = posted(request.POST, FIELDS)
    reader = Reader(typed)
    given = _read(reader)
    if reader.faults:
        return _form(request, task, typed, reader.faults, status=422)
    try:
        if task is None:
            task = create_task(task=given, by=request.user, now=timezone.now())
        else:
            task = change_task(task=task, given=given, by=request.user, now=timezone.now())
    except ScrmError as refused:
        if not refused.fields:
            refuse(request, refused)
        return _form(request, task, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved."))
    return redirect("community:task", task.pk)


def _read(reader: Reader) -> TaskIn:
    return TaskIn(
        title=reader.typed["title"],
        brief=reader.typed["brief"],
        wish=reader.typed["wish"],
        level=reader.typed["level"],
        owner_id=number_in(reader.typed["owner_id"]) or 0,
        due_at=reader.moment("due_at"),
        seats=reader.whole("seats"),
        reward_amount=reader.amount("reward_amount"),
        reward_coupon_id=reader.whole("reward_coupon_id"),
    )


def _typed(task: TaskIn) -> dict[str, str]:
    texts = {name: typed_plain(getattr(task, name)) for name in FIELDS if name != "due_at"}
    return {**texts, "due_at": typed_moment(task.due_at)}


def _form(
    request: StaffRequest, task: Task | None, typed: Mapping[str, str], errors: Any = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "title": _("Change the task") if task else _("New task"),
        "task": task,
        "typed": typed,
        "errors": errors or {},
        "wishes": UgcKind.choices,
        "levels": KocLevel.choices,
        "owners": User.objects.filter(role__in=OWNERS, is_active=True).order_by("display_name", "username"),
        "coupons": Coupon.objects.filter(state=CouponState.LIVE).order_by("-pk")[:MOST_CHOICES],
    }
    return in_frame(request, "community/task_form.html", context, status=status)
