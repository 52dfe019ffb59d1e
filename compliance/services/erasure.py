"""Erasing a person: one step for each app, each in a transaction of its own, taken up where it stopped.

What `core.registries.privacy` has goes first, in its order; the key of each record is destroyed last, because the steps
before need to read by what she would be found. The row in `Erasure` is the tombstone.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, Subquery

from accounts.models import User
from audit.services import Target, record
from compliance.enums.consent import NOES, Channel, Purpose, SuppressionKind, SuppressionReason
from compliance.enums.rights import ErasureReason, ErasureState
from compliance.errors.rights import NobodyThere, UnderLegalHold
from compliance.models import Erasure, ErasureStep, LegalHold, Suppression
from compliance.selectors.consent import is_held, states_of_records
from compliance.services.status import mark_erased
from compliance.services.tombstones import Tombstone, keep_tombstone, risen
from core.enums import Ending
from core.errors import Conflict, Text
from core.registries import PersonPath, PrivacyHandler, privacy
from core.roles import as_owner
from core.services.erasing import count_by
from core.services.sealing import destroy_keys
from core.services.surprises import each_by_itself
from members.models import Identity, Member, owner_number

log = logging.getLogger(__name__)

SUBJECT = "member"
SUPPRESS, KEYS = "suppression", "keys"
REPLAYED = "erased before, and again after a restore"


@dataclass(frozen=True, kw_only=True)
class PlannedPath:
    """What a path finds now and what would become of it."""

    path: PersonPath
    rows: int


@dataclass(frozen=True, kw_only=True)
class PlannedPart:
    """One app's part of an erasure that has not begun."""

    code: str
    label: Text
    paths: tuple[PlannedPath, ...]

    @property
    def erased(self) -> int:
        return sum(each.rows for each in self.paths if each.path.ending != Ending.KEEP)


def plan(member_id: int) -> list[PlannedPart]:
    """The dry run: by app and path what would be deleted, emptied or kept, and why. Raises NobodyThere."""
    subject_ids = records_of(member_id)
    return [
        PlannedPart(code=handler.code, label=handler.label or handler.code, paths=_planned(handler, subject_ids))
        for handler in handlers()
    ]


@transaction.atomic
def begin(*, member_id: int, why: ErasureReason | str, by: User | None, now: datetime, note: str = "") -> Erasure:
    """Write down what is to be done and shut the gate; nothing is erased yet. Safe to repeat.

    Raises NobodyThere or UnderLegalHold.
    """
    known = erasure_of([member_id])
    if known is not None:
        return known
    subject_ids = records_of(member_id, lock=True)
    known = erasure_of(subject_ids)  # of a rival who had her rows locked
    if known is not None:
        return known
    if is_held(subject_ids):
        raise UnderLegalHold
    return _begin(subject_ids, why=ErasureReason(why), by=by, now=now, note=note)


def erasure_of(record_ids: Sequence[int]) -> Erasure | None:
    """The erasure that one of these records belongs to, running or done."""
    return Erasure.objects.filter(subject_ids__overlap=list(record_ids)).first()


def proceed(erasure: Erasure, *, now: datetime) -> Erasure:
    """Do what is left; each step and the note that it is done commit together. Two at once do each step once.

    Stops where something must wait (an import is going on, a legal hold stands, the tombstone cannot be kept outside
    the database) and leaves the rest for the next time.
    """
    try:
        _require_no_hold(erasure)
        keep_tombstone(erasure, now=now)
        for step_id in erasure.steps.filter(done_at=None).order_by("position").values_list("pk", flat=True):
            _do(step_id, now=now)
    except Conflict as waiting:
        Erasure.objects.filter(pk=erasure.pk).update(waits_for=waiting.code)
    else:
        _finish(erasure, now=now)
    erasure.refresh_from_db()
    return erasure


def erase(*, member_id: int, why: ErasureReason | str, by: User | None, now: datetime, note: str = "") -> Erasure:
    """Erase a person and all records merged into hers. Call it outside of a transaction, so that each step is kept."""
    return proceed(begin(member_id=member_id, why=why, by=by, now=now, note=note), now=now)


def proceed_all(*, now: datetime) -> int:
    """Take up what was interrupted or had to wait; answers how many are done. One that fails stops no other."""
    running = list(Erasure.objects.filter(state=ErasureState.RUNNING).order_by("id"))
    done = each_by_itself(running, lambda erasure: proceed(erasure, now=now).state == ErasureState.DONE)
    return sum(done)


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """How many tombstones were needed again, and how many of these erasures wait for something."""

    erased: int
    waiting: int


def replay(*, tombstones: Iterable[Tombstone], now: datetime) -> Replayed:
    """After a restore: whoever was erased since that backup is erased again. Safe to repeat."""
    states = [proceed(_begin_again(each, again, now), now=now).state for each, again in risen(tombstones)]
    return Replayed(erased=len(states), waiting=states.count(ErasureState.RUNNING))


def vacuum_erased(*, now: datetime) -> list[str]:
    """As the owner: make storage forget the rows of finished erasures; answers the tables. Outside of a transaction."""
    unclean = list(Erasure.objects.filter(state=ErasureState.DONE, vacuumed_at=None).values_list("pk", flat=True))
    if not unclean:
        return []
    for erasure in Erasure.objects.filter(pk__in=unclean):
        _sweep(erasure)
    tables = sorted(
        {path.table for handler in handlers() for path in handler.paths if path.ending != Ending.KEEP}
        | {table for handler in handlers() for table in handler.beside}
    )
    with as_owner(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM {table}")
    Erasure.objects.filter(pk__in=unclean).update(vacuumed_at=now)
    return tables


def records_of(member_id: int, *, lock: bool = False) -> list[int]:
    """Her own row and every row merged into it, hers last. Raises NobodyThere.

    All are locked by one statement in the order of their numbers: two who begin with different records of a person
    wait for each other, and never both at once.
    """
    asked = Member.objects.filter(pk=member_id).values(owner=owner_number())
    hers = Member.objects.filter(Q(pk=Subquery(asked)) | Q(merged_into=Subquery(asked))).order_by("pk")
    found = dict((hers.select_for_update() if lock else hers).values_list("pk", "merged_into_id"))
    if member_id not in found:
        raise NobodyThere
    owner = found[member_id] or member_id
    if owner not in found:  # merged while this waited for the lock
        return records_of(member_id, lock=lock)
    return [*(number for number in found if number != owner), owner]


def handlers() -> list[PrivacyHandler]:
    return [handler for handler in privacy if handler.subject_kind == SUBJECT]


def _require_no_hold(erasure: Erasure) -> None:
    """None can be placed once an erasure has begun; one that came in by another way stops it all the same."""
    if is_held(erasure.subject_ids):
        raise UnderLegalHold


@transaction.atomic
def _begin_again(tombstone: Tombstone, subject_ids: list[int], now: datetime) -> Erasure:
    """Exactly these records. A hold that the backup knows had been lifted when she was erased."""
    LegalHold.objects.filter(member__in=subject_ids, lifted_at=None).update(lifted_at=now)
    known = erasure_of(subject_ids)
    if known is not None:
        return known
    erasure = _begin(subject_ids, why=tombstone.why, by=None, now=now, note=REPLAYED)
    erasure.kept_at = tombstone.at
    erasure.save(update_fields=["kept_at"])
    return erasure


def _begin(subject_ids: list[int], *, why: ErasureReason, by: User | None, now: datetime, note: str) -> Erasure:
    erasure: Erasure = Erasure.objects.create(
        member_id=subject_ids[-1], subject_ids=subject_ids, why=why, by=by, started_at=now
    )
    _write_steps(erasure)
    for subject_id in subject_ids:
        mark_erased(member_id=subject_id, by=by, now=now)
    _record("compliance.erase", erasure, by=by, now=now, reason=note or str(why.label))
    return erasure


def _planned(handler: PrivacyHandler, subject_ids: Sequence[int]) -> tuple[PlannedPath, ...]:
    counts = count_by(handler.paths, subject_ids)
    return tuple(PlannedPath(path=path, rows=counts[path.place]) for path in handler.paths)


def _write_steps(erasure: Erasure) -> None:
    """App by app and not record by record: the row of a member goes when nothing else refers to it."""
    codes = [SUPPRESS, *(handler.code for handler in handlers()), KEYS]
    wanted = [(code, subject_id) for code in codes for subject_id in erasure.subject_ids]
    ErasureStep.objects.bulk_create(
        ErasureStep(erasure=erasure, position=position, code=code, subject_id=subject_id)
        for position, (code, subject_id) in enumerate(wanted)
    )


@transaction.atomic
def _do(step_id: int, *, now: datetime) -> None:
    step = ErasureStep.objects.select_related("erasure").select_for_update(of=("self",)).get(pk=step_id)
    if step.done_at is not None:
        return
    step.rows = _run(step.code, step.subject_id, subject_ids=step.erasure.subject_ids, now=now)
    step.done_at = now
    step.save(update_fields=["rows", "done_at"])


def _run(code: str, subject_id: int, *, subject_ids: Sequence[int], now: datetime) -> int:
    if code == SUPPRESS:
        return _suppress_if_refused(subject_id, subject_ids, now)
    if code == KEYS:
        return destroy_keys(SUBJECT, [subject_id], now=now)
    return privacy.get(code).erase(subject_id)


def _suppress_if_refused(member_id: int, subject_ids: Sequence[int], now: datetime) -> int:
    """Whoever refused marketing is left alone under her number for good, also when she is bought in with a list.

    By whichever of her records she said it: all her numbers are left alone.
    """
    states = states_of_records(subject_ids)
    channels = {
        channel for (purpose, channel), said in states.items() if purpose == Purpose.MARKETING and said.action in NOES
    }
    if not channels:
        return 0
    wanted = {Channel.ANY} if Channel.ANY in channels else channels
    known = Identity.objects.filter(member=member_id).filter(Q(type__in=SuppressionKind.values))
    entries = [
        Suppression(
            kind=kind,
            lookup=lookup,
            channel=channel,
            reason=SuppressionReason.OPT_OUT,
            source="erasure",
            created_at=now,
        )
        for kind, lookup in known.values_list("type", "lookup")
        for channel in wanted
    ]
    return len(Suppression.objects.bulk_create(entries, ignore_conflicts=True))


@transaction.atomic
def _sweep(erasure: Erasure) -> None:
    """Every app's part once more: a batch that knew her before her rows were gone may have stored facts behind it."""
    for handler in handlers():
        for subject_id in erasure.subject_ids:
            handler.erase(subject_id)


@transaction.atomic
def _finish(erasure: Erasure, *, now: datetime) -> None:
    finished = Erasure.objects.filter(pk=erasure.pk, state=ErasureState.RUNNING).update(
        state=ErasureState.DONE, finished_at=now, waits_for=""
    )
    if not finished:
        return
    _sweep(erasure)
    rows: dict[str, int] = {}
    for code, count in erasure.steps.values_list("code", "rows"):
        rows[code] = rows.get(code, 0) + (count or 0)
    _record("compliance.erased", erasure, by=erasure.by, now=now, rows=rows)
    log.info("erasure %s is done", erasure.pk)


def _record(
    action: str,
    erasure: Erasure,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    rows: dict[str, int] | None = None,
) -> None:
    target = Target(
        object_type="members.member",
        object_id=erasure.member_id,
        changes={code: [None, count] for code, count in (rows or {}).items()},
    )
    record(by=by, action=action, obj=target, reason=reason, at=now)
