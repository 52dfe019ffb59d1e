"""Co-creation tasks: made, opened, changed in favour of whoever took them, closed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from community.enums.koc import KocLevel
from community.enums.ugc import UgcKind
from community.enums.work import TaskState
from community.errors.work import TaskNotValid, TaskStateWrong
from community.models import Task
from loyalty.enums import CouponState
from loyalty.models import Coupon

LONGEST_TITLE, LONGEST_BRIEF, MOST_SEATS = 80, 4000, 100_000
MOST_REWARD = Decimal(100_000)


@dataclass(frozen=True, kw_only=True)
class TaskIn:
    """Everything of a task that a person decides."""

    title: str
    brief: str
    wish: str
    level: str
    owner_id: int
    due_at: datetime | None
    seats: int | None = None
    reward_amount: Decimal | None = None
    reward_coupon_id: int | None = None


def plan_of(task: Task) -> TaskIn:
    return TaskIn(**{name: getattr(task, name) for name in TaskIn.__dataclass_fields__})


@transaction.atomic
def create_task(*, task: TaskIn, by: User, now: datetime) -> Task:
    """A draft, which nobody can take yet. Raises TaskNotValid with every field at fault."""
    _check(task, None, now)
    made = Task.objects.create(**_kept(task), by=by, created_at=now, changed_at=now)
    record(by=by, action="community.create_task", obj=made, changes=_changes(None, task), at=now)
    return made


@transaction.atomic
def change_task(*, task: Task, given: TaskIn, by: User, now: datetime) -> Task:
    """A draft in everything; an open one in favour of whoever took it. Raises TaskNotValid, TaskStateWrong."""
    locked = Task.objects.select_for_update().get(pk=task.pk)
    before = plan_of(locked)
    _check(given, locked, now)
    if locked.state == TaskState.OPEN:
        _require_favour(locked, before, given)
    elif locked.state != TaskState.DRAFT:
        raise TaskStateWrong
    for name, value in _kept(given).items():
        setattr(locked, name, value)
    locked.changed_at = now
    locked.save()
    record(by=by, action="community.change_task", obj=locked, changes=_changes(before, given), at=now)
    return locked


@transaction.atomic
def open_task(*, task: Task, by: User, now: datetime) -> Task:
    """From now on KOC of its level can take it. Raises TaskNotValid where its day has passed."""
    locked = _locked(task, TaskState.DRAFT)
    _check(plan_of(locked), None, now)
    locked.opened_at = now
    _move(locked, TaskState.OPEN, action="community.open_task", by=by, now=now)
    return locked


@transaction.atomic
def close_task(*, task: Task, by: User, now: datetime) -> Task:
    """Nobody takes it any more; who has it may still deliver."""
    locked = _locked(task, TaskState.OPEN)
    locked.ended_at = now
    _move(locked, TaskState.CLOSED, action="community.close_task", by=by, now=now)
    return locked


@transaction.atomic
def cancel_task(*, task: Task, reason: str, by: User, now: datetime) -> Task:
    """Only while nobody has taken it: what was promised is kept. Raises TaskNotValid without a reason."""
    locked = _locked(task, TaskState.DRAFT, TaskState.OPEN)
    if not reason.strip():
        raise TaskNotValid(fields={"reason": [_("Say why.")]})
    if locked.taken:
        raise TaskStateWrong(_("Somebody has taken this task. Close it instead: who has it may still deliver."))
    locked.ended_at = now
    _move(locked, TaskState.CANCELLED, action="community.cancel_task", by=by, now=now, reason=reason)
    return locked


def _locked(task: Task, *states: TaskState) -> Task:
    locked = Task.objects.select_for_update().get(pk=task.pk)
    if locked.state not in states:
        raise TaskStateWrong
    return locked


def _move(task: Task, state: TaskState, *, action: str, by: User, now: datetime, reason: str = "") -> None:
    changes = {"state": [task.state, state.value]}
    task.state, task.changed_at = state, now
    task.save()
    record(by=by, action=action, obj=task, changes=changes, reason=reason, at=now)


def _kept(task: TaskIn) -> dict[str, Any]:
    texts = {name: _plain(getattr(task, name)) for name in ("title", "brief")}
    return {**asdict(task), **texts}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _changes(before: TaskIn | None, after: TaskIn) -> dict[str, list[Any]]:
    was = {} if before is None else {name: _said(value) for name, value in asdict(before).items()}
    now = {name: _said(value) for name, value in asdict(after).items()}
    return changes_between(was, now) if before is not None else {name: [None, value] for name, value in now.items()}


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, Decimal) else value


def _check(task: TaskIn, present: Task | None, now: datetime) -> None:
    """Raises TaskNotValid with every field at fault."""
    wrong = {
        "title": not 0 < len(_plain(task.title)) <= LONGEST_TITLE,
        "brief": not 0 < len(_plain(task.brief)) <= LONGEST_BRIEF,
        "wish": task.wish not in UgcKind.values,
        "level": task.level not in KocLevel.values,
        "owner_id": not User.objects.filter(pk=task.owner_id, is_active=True).exists(),
        "due_at": task.due_at is None or (task.due_at <= now and not (present and present.due_at == task.due_at)),
        "seats": task.seats is not None and not max(1, present.taken if present else 1) <= task.seats <= MOST_SEATS,
        "reward_amount": task.reward_amount is not None and not _is_reward(task.reward_amount),
        "reward_coupon_id": task.reward_coupon_id is not None and not _is_coupon(task.reward_coupon_id),
    }
    words = {
        "title": _("Between 1 and %(limit)d characters.") % {"limit": LONGEST_TITLE},
        "brief": _("Between 1 and %(limit)d characters.") % {"limit": LONGEST_BRIEF},
        "wish": _("Choose one of the kinds."),
        "level": _("Choose one of the levels."),
        "owner_id": _("Choose somebody of the staff."),
        "due_at": _("Choose a day and an hour to come."),
        "seats": _("A whole number, not less than the seats that are taken; nothing for as many as come."),
        "reward_amount": _("An amount above 0 with two decimals at most, or nothing."),
        "reward_coupon_id": _("Choose a coupon that is live, or none."),
    }
    faults = {name: [words[name]] for name, is_wrong in wrong.items() if is_wrong}
    if faults:
        raise TaskNotValid(fields=faults)


def _is_reward(amount: Decimal) -> bool:
    return 0 < amount <= MOST_REWARD and amount == round(amount, 2)


def _is_coupon(number: int) -> bool:
    return Coupon.objects.filter(pk=number, state=CouponState.LIVE).exists()


def _require_favour(task: Task, before: TaskIn, after: TaskIn) -> None:
    """Once somebody has taken it: no earlier day, no smaller reward, no other brief. Raises TaskNotValid."""
    if not task.taken:
        return
    against = {
        "brief": _plain(after.brief) != before.brief,
        "wish": after.wish != before.wish,
        "due_at": after.due_at is None or (before.due_at is not None and after.due_at < before.due_at),
        "reward_amount": (after.reward_amount or 0) < (before.reward_amount or 0),
        "reward_coupon_id": before.reward_coupon_id is not None and after.reward_coupon_id != before.reward_coupon_id,
    }
    said = _("Somebody has taken this task: what it asks and promises changes in her favour only.")
    faults = {name: [said] for name, is_against in against.items() if is_against}
    if faults:
        raise TaskNotValid(fields=faults)
