"""Likely duplicates: found set-based, offered once, and remembered where two records are two people."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from audit.services import Target, record_many
from core.models.relations import Relation, as_relation
from members.enums import DuplicateSign
from members.errors import DecidedAlready
from members.models import DuplicatePair
from members.rules.duplicates import ALIKE, CLAIMS, KEEP


@transaction.atomic
def find_duplicates(*, now: datetime) -> int:
    """Look through all members for records that are alike; answers how many pairs are new. Safe to repeat."""
    return _keep(ALIKE, now)


@transaction.atomic
def note_claims(*, relation: Relation, now: datetime) -> int:
    """Rows (line, type, known_id) in which one person was said to be known by what several members are; answers new pairs."""
    return _keep(CLAIMS.format(relation=as_relation(relation)), now)


@transaction.atomic
def not_duplicates(*, pairs: Sequence[DuplicatePair], by: User, now: datetime) -> int:
    """They are two people each, and are not offered again; answers how many pairs. Raises DecidedAlready for a single one."""
    open_ones = DuplicatePair.objects.select_for_update().filter(pk__in=[pair.pk for pair in pairs], decided_at=None)
    found = list(open_ones.order_by("pk"))
    if not found and len(pairs) == 1:
        raise DecidedAlready
    DuplicatePair.objects.filter(pk__in=[pair.pk for pair in found]).update(decided_at=now, decided_by=by)
    targets = [
        Target(object_type="members.member", object_id=pair.first_id, changes={"not": [None, pair.second_id]})
        for pair in found
    ]
    record_many(by=by, action="members.not_duplicates", targets=targets, at=now)
    return len(found)


def remember_two(one: int, other: int, *, by: User | None, now: datetime) -> None:
    """Whose merge was taken back are two people: inside the caller's transaction and its audit row."""
    first, second = sorted((one, other))
    pair, _made = DuplicatePair.objects.get_or_create(
        first_id=first, second_id=second, defaults={"signs": [], "found_at": now}
    )
    pair.decided_at, pair.decided_by = now, by
    pair.save(update_fields=["decided_at", "decided_by"])


def _keep(found: str, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(KEEP.format(found=found), {"now": now, "weak": DuplicateSign.PROFILE.value})
        (fresh,) = cursor.fetchone()
    return int(fresh)
