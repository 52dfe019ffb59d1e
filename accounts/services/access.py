"""Who signed in and out, who tried, and whose password changed: written down like every other act."""

import unicodedata
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User
from audit.services import Target, record


@transaction.atomic
def set_password(*, person: User, password: str, by: User | None, now: datetime) -> User:
    """The password becomes `password`, which the caller has checked; nothing else of the person is written."""
    locked = User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    locked.set_password(password)
    locked.session_epoch += 1
    locked.save(update_fields=["password", "session_epoch"])
    record(by=by, action="accounts.set_password", obj=locked, at=now)
    return locked


@transaction.atomic
def end_sessions(*, person: User) -> None:
    """Whoever is signed in as `person` is signed out at the next request."""
    User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)


@transaction.atomic
def record_sign_in(*, person: User, now: datetime) -> None:
    record(by=person, action="accounts.sign_in", obj=_account(person), at=now)


@transaction.atomic
def record_sign_out(*, person: User, now: datetime) -> None:
    record(by=person, action="accounts.sign_out", obj=_account(person), at=now)


@transaction.atomic
def record_failed_sign_in(*, username: str, now: datetime) -> None:
    """Somebody was not let in. What was typed is kept only where it is the name of an account: it may be a password."""
    name = unicodedata.normalize("NFKC", username)
    person = None if "\x00" in name else User.objects.filter(username=name).first()
    record(by=None, action="accounts.sign_in_failed", obj=_account(person) if person else None, at=now)


def _account(person: User) -> Target:
    return Target(object_type=User._meta.label_lower, object_id=person.pk, label=person.get_username())
