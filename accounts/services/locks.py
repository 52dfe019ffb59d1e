"""Who guesses passwords is locked out: by the account after five wrong ones, by the address after twenty.

django-axes keeps the count and refuses; here are the two limits, what it counts under, and the lifting of a lock.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from psycopg.errors import LockNotAvailable

from accounts.models import User
from audit.services import Target, record
from core.errors import TooManyRequests

UNKNOWN = "?"
LONGEST_WAIT = 5


@contextmanager
def one_guess_at_a_time(*, username: str, address: str | None) -> Iterator[None]:
    """Passwords of one account, and those from one address, are checked one after the other.

    So each of many at once knows of the failures before it. Raises TooManyRequests after some seconds of waiting.
    """
    names = sorted((f"account|{_folded(username)}", f"address|{address}"))
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LONGEST_WAIT}s"])
                for name in names:
                    cursor.execute(
                        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sign-in|{name}".replace("\x00", "")]
                    )
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise TooManyRequests(retry_after=LONGEST_WAIT) from None
        raise


def was_refused_unread(request: HttpRequest) -> bool:
    """Whether the password was not even looked at; the beginning of the lock is on record."""
    return bool(getattr(request, "scrm_refused_unread", False))


class LockHandler(AxesDatabaseHandler):
    """Counts an account and an address apart, and never lets a success in one account clear what its address did."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures of the account; as many as lock it where the address has reached its own limit."""
        since: Any = {"attempt_time__gt": request.axes_attempt_time - settings.AXES_COOLOFF_TIME}  # type: ignore[attr-defined]
        name, address = get_client_username(request, credentials), request.axes_ip_address  # type: ignore[attr-defined]
        sums = AccessAttempt.objects.filter(Q(username=name) | Q(ip_address=address), **since).aggregate(
            account=Sum("failures_since_start", filter=Q(username=name), default=0),
            address=Sum("failures_since_start", filter=Q(ip_address=address), default=0),
        )
        limit = settings.AXES_FAILURE_LIMIT
        return max(int(sums["account"]), limit if sums["address"] >= settings.SCRM_ADDRESS_FAILURE_LIMIT else 0)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """The failure that locks is recorded as the beginning of the lock."""
        before = getattr(request, "axes_locked_out", False)
        if request is not None:
            request.scrm_refused_unread = before  # type: ignore[attr-defined]  # as axes keeps its own notes
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and getattr(request, "axes_locked_out", False) and not before:
            name = get_client_username(request, credentials)
            with transaction.atomic():
                record(by=None, action="accounts.sign_in_locked", obj=_locked(name), at=timezone.now())

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        count, _models = AccessAttempt.objects.filter(username=get_client_username(request, credentials)).delete()
        return int(count)


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """What failures are counted under: the name of an account, or a digest of what is none, for it may be a password."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    name = _folded(str(typed))
    known = "\x00" not in name and User.objects.filter(username=name).exists()
    return name if known else UNKNOWN + salted_hmac("accounts.sign_in", name, algorithm="sha256").hexdigest()[:24]


def _folded(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed)[:255]


@transaction.atomic
def lift_lock(*, username: str = "", address: str = "", by: User | None, now: datetime, reason: str = "") -> int:
    """Forget the failures of an account, or of an address; answers how many rows of them there were."""
    which = Q(username=username) if username else Q(ip_address=address)
    count, _models = AccessAttempt.objects.filter(which).delete()
    if count:
        target = _locked(username) if username else Target(object_type="", object_id="", label=address)
        record(by=by, action="accounts.lift_lock", obj=target, reason=reason, at=now)
    return int(count)


def _locked(name: str) -> Target | None:
    person = None if name.startswith(UNKNOWN) else User.objects.filter(username=name).first()
    if person is None:
        return None
    return Target(object_type=User._meta.label_lower, object_id=person.pk, label=name)
