"""Approval: the legal reviewer approves what members read; a second person a budget above the limit."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import NoticeLevel
from accounts.models import User
from accounts.services import send_notice
from audit.rules import Changes
from audit.services import record
from campaigns.enums import ActivityState
from campaigns.errors import ActivityStateWrong, SecondPersonNeeded
from campaigns.models import Activity
from campaigns.selectors.approval import needs_second_person
from compliance.selectors.reviews import is_approved
from compliance.services.reviewables import Part, Reviewable, names_of, reviewables

KIND = "activity"
BEFORE_THE_START = (ActivityState.IN_REVIEW, ActivityState.APPROVED, ActivityState.SCHEDULED)


def parts_of(activity_id: int) -> Sequence[Part]:
    activity = Activity.objects.get(pk=activity_id)
    texts = {"title": activity.title, "rules_text": activity.rules_text}
    return [Part(name=name, text=text) for name, text in texts.items()]


def text_is_approved(activity: Activity, *, at: datetime) -> bool:
    """Whether exactly what members would read now is approved."""
    parts = [{"name": part.name, "text": part.text} for part in parts_of(activity.pk)]
    return is_approved(kind=KIND, object_id=activity.pk, at=at, parts=parts)


@transaction.atomic
def approve_budget(*, activity: Activity, by: User, now: datetime) -> Activity:
    """Raises SecondPersonNeeded for whoever made or leads it, ActivityStateWrong where nothing waits for this."""
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if activity.state != ActivityState.IN_REVIEW or not needs_second_person(activity):
        raise ActivityStateWrong
    if by.pk in {activity.by_id, activity.owner_id}:
        raise SecondPersonNeeded
    activity.budget_approved_by, activity.budget_approved_at = by, now
    activity.save(update_fields=["budget_approved_by", "budget_approved_at"])
    changes = {"budget": [None, str(activity.budget)]}
    record(by=by, action="campaigns.approve_budget", obj=activity, changes=changes, at=now)
    return settle(activity, now=now)


def settle(activity: Activity, *, now: datetime) -> Activity:
    """Approved as soon as both have said yes; for a locked row."""
    ready = activity.text_approved and not needs_second_person(activity)
    if activity.state == ActivityState.IN_REVIEW and ready:
        move(activity, ActivityState.APPROVED, by=None, now=now, action="campaigns.approve_activity")
        _tell(activity, _("Approved: %(title)s"), NoticeLevel.INFO, now=now)
    return activity


def move(
    activity: Activity,
    state: ActivityState,
    *,
    by: User | None,
    now: datetime,
    action: str,
    reason: str = "",
    more: Changes | None = None,
) -> None:
    """One step of a locked row, with its record, which tells of `more` that changed with it."""
    changes = {"state": [activity.state, state.value], **(more or {})}
    activity.state, activity.changed_at = state, now
    activity.save()
    record(by=by, action=action, obj=activity, changes=changes, reason=reason, at=now)


def tell_owner(
    activity: Activity, words: str, level: NoticeLevel, *, now: datetime, body: str = "", about: str = ""
) -> None:
    """`about` tells news of the same moment apart: those of one activity, state, moment and subject are one."""
    _tell(activity, words, level, now=now, body=body, about=about)


@transaction.atomic
def _text_approved(activity_id: int) -> None:
    activity = Activity.objects.select_for_update().get(pk=activity_id)
    activity.text_approved = True
    activity.save(update_fields=["text_approved"])
    settle(activity, now=timezone.now())


@transaction.atomic
def _text_withdrawn(activity_id: int) -> None:
    """Before the start it is a draft again; one that runs goes on until somebody decides, and its owner is told."""
    now, activity = timezone.now(), Activity.objects.select_for_update().get(pk=activity_id)
    activity.text_approved = False
    activity.save(update_fields=["text_approved"])
    if activity.state in BEFORE_THE_START:
        move(activity, ActivityState.DRAFT, by=None, now=now, action="campaigns.withdraw_text")
    elif activity.state == ActivityState.RUNNING:
        _tell(activity, _("Its text is approved no longer: %(title)s"), NoticeLevel.ACT, now=now)


def _tell(
    activity: Activity, words: str, level: NoticeLevel, *, now: datetime, body: str = "", about: str = ""
) -> None:
    send_notice(
        to=[activity.owner],
        key=f"activity-{activity.pk}-{activity.state}-{about}{now.isoformat()}",
        title=(words % {"title": activity.name})[:120],
        body=body,
        url=reverse("campaigns:activity", args=(activity.pk,)),
        level=level,
        now=now,
    )


reviewables.register(
    Reviewable(
        code=KIND,
        label=gettext_lazy("Activity"),
        names=names_of(Activity, "title", "rules_text"),
        parts=parts_of,
        url=lambda number: reverse("campaigns:activity", args=(number,)),
        approved=_text_approved,
        withdrawn=_text_withdrawn,
        order=40,
    )
)
