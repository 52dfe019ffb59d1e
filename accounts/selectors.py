"""Named reads of staff and stores."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Model, Q, QuerySet, Sum

from accounts.enums import ExportState, Reach, Role
from accounts.models import Export, RecoveryCode, Store, User
from audit.enums import ActorType
from audit.models import AuditEntry
from audit.selectors import entries_about


def is_held_to_stores(user: User) -> bool:
    """Whether `user` sees the members of some stores only; the same rule as `Member.objects.visible_to`."""
    return user.reach == Reach.STORES


def stores_visible_to(user: User) -> QuerySet[Store]:
    """All stores, those that `user` is held to, or those where she works."""
    reach = user.reach
    if reach == Reach.NOBODY:
        return Store.objects.none()
    return Store.objects.all() if reach == Reach.ALL else user.own_stores()


def stores_by_code(codes: Collection[str], *, user: User) -> dict[str, int]:
    """Code → number of those stores that `user` may know of; asks nothing for no codes."""
    if not codes:
        return {}
    return dict(stores_visible_to(user).filter(code__in=codes).values_list("code", "pk"))


def guides_visible_to(user: User) -> QuerySet[User]:
    """Guides who work; for somebody who is held to stores, those of these stores; for a guide, herself."""
    guides = User.objects.filter(role=Role.GUIDE, is_active=True)
    match user.reach:
        case Reach.ALL:
            return guides
        case Reach.STORES:
            return guides.filter(stores__in=stores_visible_to(user)).distinct()
        case Reach.OWN:
            return guides.filter(pk=user.pk)
        case _:
            return guides.none()


def codes_left(user: User) -> int:
    """How many recovery codes still open something."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@dataclass(frozen=True, kw_only=True)
class SignInLock:
    """Failures of an account or of an address within the time that they count."""

    username: str = ""
    address: str = ""
    failures: int
    last: datetime
    locked: bool

    @property
    def known(self) -> bool:
        """False for the digest of a name that no account has."""
        return not self.username.startswith("?")

    @property
    def shown(self) -> str:
        return self.address or (self.username if self.known else "—")


def sign_in_locks(*, now: datetime) -> list[SignInLock]:
    """Accounts and addresses with failures that still count, those that are locked first."""
    recent = AccessAttempt.objects.filter(attempt_time__gt=now - settings.AXES_COOLOFF_TIME).order_by()
    found = [
        SignInLock(
            **{name: str(row[column])},
            failures=row["failures"],
            last=row["last"],
            locked=row["failures"] >= limit,
        )
        for name, column, limit in (
            ("username", "username", settings.AXES_FAILURE_LIMIT),
            ("address", "ip_address", settings.SCRM_ADDRESS_FAILURE_LIMIT),
        )
        for row in recent.exclude(**{column: None})
        .values(column)
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    ]
    return sorted(found, key=lambda lock: (not lock.locked, -lock.last.timestamp()))[:200]


def exports_for(user: User) -> QuerySet[Export]:
    """One's own exports, and everybody's for those who may allow them: the newest two hundred."""
    found = Export.objects.select_related("asked_by")
    return (found if user.has_perm("accounts.approve_export") else found.filter(asked_by=user))[:200]


def rows_taken_alone(user: User, *, now: datetime) -> int:
    """Rows of the exports that `user` asked for in the last 24 hours and nobody else had to allow."""
    alone = Export.objects.filter(asked_by=user, asked_at__gt=now - timedelta(hours=24), decided_by=None)
    gone = alone.exclude(state__in=(ExportState.WAITING, ExportState.FAILED))
    return gone.aggregate(rows=Sum("rows"))["rows"] or 0


def exports_to_make(*, now: datetime) -> list[int]:
    """Exports that a worker may take: those allowed, and those whose worker has not been heard of for half an hour."""
    late = Q(state=ExportState.RUNNING, started_at__lt=now - timedelta(minutes=30))
    found = Export.objects.filter(Q(state=ExportState.QUEUED) | late).order_by("pk")
    return list(found.values_list("pk", flat=True)[:100])


@dataclass(frozen=True, kw_only=True)
class Done:
    """One act as a page tells it: in the words of the record, by whom (empty where the product did it itself)."""

    words: str
    who: str
    entry: AuditEntry


def latest_acts(row: Model, *, most: int = 30) -> list[Done]:
    """What was done to a row, the latest first; staff by the names that colleagues know."""
    entries = list(entries_about(row).order_by("-id")[:most])
    staff = {entry.actor_id for entry in entries if entry.actor_type == ActorType.USER and entry.actor_id is not None}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=staff)} if staff else {}
    return [
        Done(words=entry.words, who=names.get(entry.actor_id or 0, entry.actor_label), entry=entry) for entry in entries
    ]
