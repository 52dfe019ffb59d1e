"""Sealing and opening protected values under the keys of their subjects.

Everything over many rows takes two statements per call, however many rows there are. For a bulk load, ask once for
`subject_keys(kind, ids)` per batch of ten thousand or so and seal every field of the batch with it.
"""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from core.errors import Gone
from core.keys import key_ring
from core.models import EncryptedTextField
from core.rules.crypto import WRAPPED_BYTES, SealBroken, Sealer, Wrapper, new_keys


class Erased(enum.Enum):
    """What is read where the subject's key has been destroyed. False in a condition; says so when shown."""

    ERASED = "erased"

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return _("erased")


ERASED: Final = Erased.ERASED
Opened = str | Erased | None
Keys = dict[int, Sealer | None]


class SubjectErased(Gone):
    """A value was to be sealed for a subject whose key has been destroyed; `subject_ids` says which."""

    code = "subject_erased"

    def __init__(self, subject_ids: Collection[int]) -> None:
        self.subject_ids = frozenset(subject_ids)
        super().__init__()


class SubjectKeys:
    """Data keys of some subjects of one kind, in memory: sealing and opening with them asks the database nothing."""

    def __init__(self, kind: str, keys: Keys) -> None:
        self.kind = kind
        self._keys = keys

    def seal(self, field: EncryptedTextField, subject_id: int, text: str) -> bytes:
        return self.seal_all(field, [(subject_id, text)])[0]

    def seal_all(self, field: EncryptedTextField, pairs: Iterable[tuple[int, str]]) -> list[bytes]:
        """(subject id, text) → sealed values in the same order. KeyError for a subject that was not asked for."""
        prefix, keys = self._prefix(field), self._keys
        return [
            _present(keys[subject_id], subject_id).seal(text.encode(), prefix + b"%d" % subject_id)
            for subject_id, text in pairs
        ]

    def open_all(self, field: EncryptedTextField, pairs: Iterable[tuple[int, bytes | None]]) -> list[Opened]:
        """None stays None; a destroyed key gives ERASED; anything that does not fit raises SealBroken."""
        prefix = self._prefix(field)
        return [self._open(prefix, subject_id, sealed) for subject_id, sealed in pairs]

    def _open(self, prefix: bytes, subject_id: int, sealed: bytes | None) -> Opened:
        if sealed is None:
            return None
        try:
            sealer = self._keys[subject_id]
        except KeyError:
            raise SealBroken(f"there is no key of {self.kind}:{subject_id}") from None
        return ERASED if sealer is None else sealer.open(bytes(sealed), prefix + b"%d" % subject_id).decode()

    def _prefix(self, field: EncryptedTextField) -> bytes:
        if field.subject_kind != self.kind:
            raise SealBroken(f"{field.place} belongs to a {field.subject_kind}, these are keys of a {self.kind}")
        return f"{field.place}|{self.kind}:".encode()


def subject_keys(kind: str, subject_ids: Iterable[int]) -> SubjectKeys:
    """The keys of these subjects, made where missing. Raises SubjectErased if any has been erased."""
    wanted = sorted(set(subject_ids))
    with transaction.atomic():
        keys = _fetch(kind, wanted)
        missing = [subject_id for subject_id in wanted if subject_id not in keys]
        if missing:
            keys |= _create(kind, missing)
    erased = [subject_id for subject_id, sealer in keys.items() if sealer is None]
    if erased:
        raise SubjectErased(erased)
    return SubjectKeys(kind, keys)


def seal(field: EncryptedTextField, *, subject_id: int, text: str) -> bytes:
    """One value, sealed for the place `field` of that subject. Raises SubjectErased."""
    return seal_many(field, [(subject_id, text)])[0]


def seal_many(field: EncryptedTextField, pairs: Sequence[tuple[int, str]]) -> list[bytes]:
    """(subject id, text) → sealed values in the same order; missing keys are made by one statement."""
    return subject_keys(field.subject_kind, (subject_id for subject_id, _text in pairs)).seal_all(field, pairs)


def open_one(field: EncryptedTextField, *, subject_id: int, sealed: bytes | None) -> Opened:
    return open_many(field, [(subject_id, sealed)])[0]


def open_many(field: EncryptedTextField, pairs: Sequence[tuple[int, bytes | None]]) -> list[Opened]:
    """(subject id, sealed) → texts in the same order, by one query. An erased subject reads as ERASED."""
    wanted = {subject_id for subject_id, sealed in pairs if sealed is not None}
    keys = SubjectKeys(field.subject_kind, _fetch(field.subject_kind, sorted(wanted)) if wanted else {})
    return keys.open_all(field, pairs)


def open_rows(field: EncryptedTextField, rows: Sequence[models.Model]) -> list[Opened]:
    """The values of one field of these rows, opened by one query."""
    return open_many(field, [(getattr(row, field.subject), getattr(row, field.attname)) for row in rows])


def destroy_keys(kind: str, subject_ids: Collection[int], *, now: datetime) -> int:
    """Make everything sealed for these subjects unreadable for good; answers how many keys were destroyed.

    A subject that never had a key gets a destroyed one, so that nothing can be sealed for it afterwards.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DESTROY, {"kind": kind, "ids": _array(sorted(set(subject_ids))), "now": now})
        return int(cursor.rowcount)


_DESTROY = """
INSERT INTO core_datakey (subject_kind, subject_id, number, wrapped, master_version, created_at, destroyed_at)
SELECT %(kind)s, subject_id, 1, NULL, 0, %(now)s, %(now)s FROM unnest(%(ids)s::bigint[]) AS subject_id
ON CONFLICT (subject_kind, subject_id) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at
WHERE core_datakey.destroyed_at IS NULL
"""

_FETCH = """
SELECT subject_id, number, wrapped, master_version FROM core_datakey
WHERE subject_kind = %(kind)s AND subject_id = ANY(%(ids)s::bigint[])
"""

# One long value instead of an array: an array of byte strings costs more to write and to read than the keys themselves.
_CREATE = """
INSERT INTO core_datakey (subject_kind, subject_id, number, wrapped, master_version)
SELECT %(kind)s, subject_id, 1, substr(%(wrapped)s::bytea, (place - 1)::int * %(size)s + 1, %(size)s), %(version)s
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS fresh (subject_id, place)
"""
_UNLESS_THERE = "ON CONFLICT (subject_kind, subject_id) DO NOTHING"


def _fetch(kind: str, subject_ids: Sequence[int]) -> Keys:
    wrappers = key_ring().wrappers
    with connection.cursor() as cursor:
        cursor.execute(_FETCH, {"kind": kind, "ids": _array(subject_ids)})
        return {
            subject_id: None
            if wrapped is None
            else Sealer(key=_version(wrappers, version).unwrap(wrapped, _owner(kind, subject_id)), number=number)
            for subject_id, number, wrapped, version in cursor.fetchall()
        }


def _version(wrappers: Mapping[int, Wrapper], version: int) -> Wrapper:
    try:
        return wrappers[version]
    except KeyError:
        raise SealBroken(f"version {version} of the master key is not in the key ring") from None


def _create(kind: str, missing: Sequence[int]) -> Keys:
    """New keys; if a rival made one of them first, what the database holds counts."""
    wrapper = key_ring().wrapper
    keys = new_keys(len(missing))
    owned = [(key, _owner(kind, subject_id)) for key, subject_id in zip(keys, missing, strict=True)]
    values: dict[str, str | int | bytes] = {
        "kind": kind,
        "ids": _array(missing),
        "wrapped": b"".join(wrapper.wrap_all(owned)),
        "size": WRAPPED_BYTES,
        "version": wrapper.version,
    }
    try:
        # A plain insert takes half the time of one that is ready for a rival, and rivals are rare.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CREATE, values)
    except IntegrityError:
        with connection.cursor() as cursor:
            cursor.execute(_CREATE + _UNLESS_THERE, values)
        return _fetch(kind, missing)
    return {subject_id: Sealer(key=key) for subject_id, key in zip(missing, keys, strict=True)}


def _present(sealer: Sealer | None, subject_id: int) -> Sealer:
    if sealer is None:
        raise SubjectErased([subject_id])
    return sealer


def _owner(kind: str, subject_id: int) -> bytes:
    return f"{kind}:{subject_id}".encode()


def _array(numbers: Iterable[int]) -> str:
    """A PostgreSQL array written at once, which is several times faster than number by number."""
    return f"{{{','.join(map(str, numbers))}}}"
