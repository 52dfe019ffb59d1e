"""Forgetting a customer in what the platform told us."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce

from accounts.models import User
from audit.services import Target, record
from core.models import EncryptedTextField
from core.services import sealing
from wecom.enums import CallbackState
from wecom.models import CallbackEvent
from wecom.selectors import callbacks_about

BATCH = 5_000
#: Their bodies list people besides what they are about.
LISTS = Q(event="change_external_chat")


@transaction.atomic
def forget(*, external_userids: Collection[str], by: User | None, now: datetime) -> int:
    """Wipe every callback about these customers, or with them in a list; answers how many. May be repeated.

    One that still waits is not worked on any more.
    """
    if not external_userids:
        return 0
    found = set(callbacks_about(external_userids).values_list("pk", flat=True))
    found |= _listing(external_userids)
    wiped = _wipe(found, now)
    if wiped:
        target = Target(object_type="wecom.callbackevent", object_id=0, changes={"callbacks": [None, wiped]})
        record(by=by, action="wecom.forget_person", obj=target, at=now)
    return wiped


def _listing(external_userids: Collection[str]) -> set[int]:
    kept = CallbackEvent.objects.filter(LISTS, body__isnull=False)
    field = CallbackEvent._meta.get_field("body")
    assert isinstance(field, EncryptedTextField)  # noqa: S101  # says it to the type checker
    found: set[int] = set()
    last = 0
    while rows := list(kept.filter(pk__gt=last).order_by("pk")[:BATCH]):
        texts = sealing.open_rows(field, rows)
        found |= {row.pk for row, text in zip(rows, texts, strict=True) if _names(text, external_userids)}
        last = rows[-1].pk
    return found


def _names(text: sealing.Opened, external_userids: Collection[str]) -> bool:
    return isinstance(text, str) and any(number in text for number in external_userids)


def _wipe(numbers: Collection[int], now: datetime) -> int:
    waiting = When(state=CallbackState.WAITING, then=CallbackState.IGNORED.value)
    return CallbackEvent.objects.filter(pk__in=numbers).update(
        body=None,
        about=None,
        error="",
        state=Case(waiting, default=F("state")),
        finished_at=Coalesce(F("finished_at"), now),
    )
