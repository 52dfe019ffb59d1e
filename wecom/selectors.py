"""Named reads of the connection to WeCom."""

from datetime import datetime

from django.db.models import QuerySet

from wecom.enums import CallbackState
from wecom.models import CallbackEvent, CorpApp


def usable_apps() -> QuerySet[CorpApp]:
    """The apps by which we may speak: switched on, as is their corp, with a secret."""
    return CorpApp.objects.filter(active=True, corp__active=True, secret__isnull=False).select_related("corp")


def count_finished_before(moment: datetime) -> int:
    """Callbacks received before then that nothing waits for any more."""
    return CallbackEvent.objects.filter(received_at__lt=moment).exclude(state=CallbackState.WAITING).count()
