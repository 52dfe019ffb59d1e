"""Having callbacks worked on again."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record_many
from core.services.waking import wake_after_commit
from wecom.enums import CallbackState
from wecom.errors import NothingToReplay
from wecom.models import CallbackEvent

TASK = "wecom.process"


@transaction.atomic
def replay(*, event_ids: Collection[int], by: User | None, now: datetime, reason: str = "") -> int:
    """Put callbacks back to the waiting ones; answers how many. Raises NothingToReplay.

    One that was given up goes on with whoever has not handled it; one that was done is handled by all once more.
    """
    chosen = CallbackEvent.objects.select_for_update(of=("self",), no_key=True).exclude(state=CallbackState.WAITING)
    events = list(chosen.filter(pk__in=list(event_ids), body__isnull=False).order_by("pk"))
    if not events:
        raise NothingToReplay
    numbers = [event.pk for event in events]
    again = CallbackEvent.objects.filter(pk__in=numbers)
    again.exclude(state=CallbackState.DEAD).update(handled=[])
    again.update(state=CallbackState.WAITING, attempts=0, due_at=now, finished_at=None, error="")
    record_many(by=by, action="wecom.replay_callbacks", targets=events, reason=reason, at=now)
    wake_after_commit(TASK)
    return len(numbers)
