"""Starting from a page: at once where the audience is small, by a worker where freezing it would keep a page waiting."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import NoticeLevel
from accounts.models import User
from audit.services import record
from campaigns.models import Activity
from campaigns.selectors.approval import is_audience_rewritten
from campaigns.services.approval import tell_owner
from campaigns.services.running import STARTABLE, draw_back, each_claimed, launch, locked_for_start, start
from campaigns.services.words import reason_of
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
    """Start what was asked for, and tell each owner what came of it. What another worker is at is left to it."""
    asked = Activity.objects.filter(launch_asked_at__isnull=False)
    return each_claimed(asked, lambda activity: _start_as_asked(activity, now=now))


def _is_large(activity: Activity, now: datetime) -> bool:
    audience = activity.audience
    if audience is None:
        return False
    if audience.size is not None:
        return audience.size > LARGE
    return members_of(audience, now=now)[LARGE:].exists()


@transaction.atomic
def _ask(activity: Activity, *, by: User, now: datetime) -> Activity:
    """Asking twice is asking once. Should the message be lost, the beat's next one does it.

    A worker that is at it has the row locked for as long as it freezes; nobody waits for that in front of a page.
    """
    asked = Activity.objects.filter(pk=activity.pk, state__in=STARTABLE, launch_asked_at__isnull=False).first()
    if asked is not None:
        return asked
    activity = locked_for_start(activity)
    if activity.launch_asked_at is None:
        activity.launch_asked_at, activity.launch_by = now, by
        activity.save(update_fields=["launch_asked_at", "launch_by"])
        record(by=by, action="campaigns.ask_to_launch", obj=activity, at=now)
        wake_after_commit(TASK, queue=QUEUE)
    return activity


def _start_as_asked(activity: Activity, *, now: datetime) -> bool:
    """For a claimed row: the start, the news of it and the end of the wish commit together, or it is wished for still."""
    if activity.state in STARTABLE and is_audience_rewritten(activity):
        draw_back(activity, by=activity.launch_by, now=now)
        return False
    try:
        with transaction.atomic():
            start(activity, by=activity.launch_by, now=now)
    except ScrmError as refused:
        Activity.objects.filter(pk=activity.pk).update(launch_asked_at=None)
        activity.refresh_from_db()
        tell_owner(activity, _("It could not start: %(title)s"), NoticeLevel.ACT, now=now, body=reason_of(refused))
        return False
    size = activity.audience_size or 0
    words = ngettext("%(count)s member is in its audience.", "%(count)s members are in its audience.", size)
    words %= {"count": f"{size:,}"}
    tell_owner(activity, _("Started: %(title)s"), NoticeLevel.INFO, now=now, body=words, about="start")
    return True
