"""Starting from a page: at once where the audience is small, by a worker where freezing it would keep a page waiting."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel
from accounts.models import User
from audit.services import record
from campaigns.models import Activity
from campaigns.services.approval import tell_owner
from campaigns.services.running import launch, locked_for_start
from core.errors import ScrmError
from core.services.waking import wake_after_commit
from segments.selectors.audiences import members_of

TASK = "campaigns.launch"
QUEUE = "bulk"
LARGE = 50_000


def launch_soon(*, activity: Activity, by: User, now: datetime) -> Activity:
    """Start it, or leave it to a worker (`launch_asked_at` says so). Raises what `launch` does, as far as it is known."""
    if _is_large(activity, now):
        return _ask(activity, by=by, now=now)
    return launch(activity=activity, by=by, now=now)


def launch_asked(*, now: datetime) -> int:
    """Start what was asked for, and tell each owner what came of it."""
    waiting = Activity.objects.filter(launch_asked_at__isnull=False).select_related("launch_by").order_by("pk")
    return sum(_launch(activity, now=now) for activity in list(waiting))


def _is_large(activity: Activity, now: datetime) -> bool:
    audience = activity.audience
    if audience is None:
        return False
    if audience.size is not None:
        return audience.size > LARGE
    return members_of(audience, now=now)[LARGE:].exists()


@transaction.atomic
def _ask(activity: Activity, *, by: User, now: datetime) -> Activity:
    """Asking twice is asking once. Should the message be lost, the beat's next one does it."""
    activity = locked_for_start(activity)
    if activity.launch_asked_at is None:
        activity.launch_asked_at, activity.launch_by = now, by
        activity.save(update_fields=["launch_asked_at", "launch_by"])
        record(by=by, action="campaigns.ask_to_launch", obj=activity, at=now)
        wake_after_commit(TASK, queue=QUEUE)
    return activity


def _launch(activity: Activity, *, now: datetime) -> bool:
    started: Activity | None = None
    try:
        started = launch(activity=activity, by=activity.launch_by, now=now)
    except ScrmError as refused:
        reason = " ".join([str(refused), *(str(said) for texts in refused.fields.values() for said in texts)])
        tell_owner(activity, _("It could not start: %(title)s"), NoticeLevel.ACT, now=now, body=reason)
    else:
        words = _("%(count)s members are in its audience.") % {"count": f"{started.audience_size:,}"}
        tell_owner(started, _("Started: %(title)s"), NoticeLevel.INFO, now=now, body=words)
    Activity.objects.filter(pk=activity.pk).update(launch_asked_at=None)
    return started is not None
