"""What messaging puts on the page "Today": messages in doubt, and sends that a gateway keeps from going."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import figure
from messaging.selectors.doubts import doubts


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Nobody but people ends these."""
    del now
    count = doubts(user).filter(due_at=None).count()
    if count:
        words = ngettext("%(count)s message is in doubt", "%(count)s messages are in doubt", count)
        yield WorkItem(
            state="act",
            title=words % {"count": figure(count)},
            detail=_("The gateway did not say whether they arrived."),
            url=reverse("messaging:doubts"),
            act=_("Say what became of them"),
        )


work.register(WorkSource(code="messaging.doubts", items=waiting, permission="messaging.reconcile_delivery", order=30))
