"""Named reads of the connection to WeCom."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.keys import indexer
from wecom.enums import CallbackState, Lane
from wecom.models import CallbackEvent, CorpApp
from wecom.models.callbacks import ABOUT
from wecom.rules.callback_bodies import about


def usable_apps() -> QuerySet[CorpApp]:
    """The apps by which we may speak: switched on, as is their corp, with a secret."""
    return CorpApp.objects.filter(active=True, corp__active=True, secret__isnull=False).select_related("corp")


def callbacks_about(external_userids: Collection[str]) -> QuerySet[CallbackEvent]:
    """What is about these customers and not yet forgotten, in the order it came; not where they are one of a list."""
    index = indexer(ABOUT)
    indexes = [index(about("ExternalUserID", number)) for number in external_userids]
    return CallbackEvent.objects.filter(body__isnull=False, about__in=indexes).order_by("pk")


def count_finished_before(moment: datetime) -> int:
    """Callbacks received before then that nothing waits for any more."""
    return CallbackEvent.objects.filter(received_at__lt=moment).exclude(state=CallbackState.WAITING).count()


def heads_of_queues(now: datetime, *, most: int, urgent_only: bool = False) -> list[CallbackEvent]:
    """The callbacks that are due and first of those about the same; a welcome waits for nobody."""
    return list(_due(now, urgent_only=urgent_only).order_by("lane", "due_at", "id")[:most])


def next_of_queue(head: CallbackEvent, now: datetime, *, urgent_only: bool = False) -> CallbackEvent | None:
    """The next one about the same as `head`, if it is due; read when one has the claim of that queue."""
    same = Q(pk=head.pk) if head.about is None else Q(app=head.app_id, about=head.about)
    due = _due(now, urgent_only=urgent_only).filter(same)
    return due.select_related("app").order_by("lane", "id").first()


def _due(now: datetime, *, urgent_only: bool) -> QuerySet[CallbackEvent]:
    waiting = CallbackEvent.objects.filter(state=CallbackState.WAITING)
    earlier = waiting.filter(app=OuterRef("app"), about=OuterRef("about"), pk__lt=OuterRef("pk"))
    found = waiting.filter(due_at__lte=now)
    if urgent_only:
        return found.filter(lane=Lane.URGENT)
    return found.filter(Q(lane=Lane.URGENT) | Q(about=None) | ~Exists(earlier))
