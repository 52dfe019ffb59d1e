"""Sealing and opening protected values under the keys of their subjects.

Everything over many rows takes two statements per call, however many rows there are. For a bulk load, ask once for
`subject_keys(kind, ids)` per batch of ten thousand or so and seal every field of the batch with it.
"""

import enum
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from core.errors import Gone
from core.keys import key_ring
from core.models import EncryptedTextField
from core.rules.crypto import SealBroken, key_id_of, new_key, open_bytes, seal_bytes


class Erased(enum.Enum):
    """What is read where the subject's key has been destroyed. False in a condition; says so when shown."""

    ERASED = "erased"

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return _("erased")


ERASED: Final = Erased.ERASED
Opened = str | Erased | None


class SubjectErased(Gone):
    """A value was to be sealed for a subject whose key has been destroyed; `subject_ids` says which."""

    code = "subject_erased"

    def __init__(self, subject_ids: Collection[int]) -> None:
        self.subject_ids = frozenset(subject_ids)
        super().__init__()


class SubjectKeys:
    """Data keys of some subjects of one kind, in memory: sealing and opening with them asks the database nothing."""

    def __init__(self, kind: str, keys: dict[int, tuple[int, bytes | None]]) -> None:
        self.kind = kind
        self._keys = keys

    def seal(self, field: EncryptedTextField, subject_id: int, text: str) -> bytes:
        key_id, key = self._keys[subject_id]
        if key is None:
            raise SubjectErased([subject_id])
        return seal_bytes(key=key, key_id=key_id, plain=text.encode(), context=self._context(field, subject_id))

    def open(self, field: EncryptedTextField, subject_id: int, sealed: bytes | None) -> Opened:
        """None stays None; a destroyed key gives ERASED; anything that does not fit raises SealBroken."""
        if sealed is None:
            return None
        key_id, key = self._keys.get(subject_id, (None, None))
        if key_id != key_id_of(sealed):
            raise SealBroken("the value was sealed for another subject")
        if key is None:
            return ERASED
        return open_bytes(key=key, sealed=bytes(sealed), context=self._context(field, subject_id)).decode()

    def _context(self, field: EncryptedTextField, subject_id: int) -> bytes:
        if field.subject_kind != self.kind:
            raise SealBroken(f"{field.place} belongs to a {field.subject_kind}, these are keys of a {self.kind}")
        return f"{field.place}|{self.kind}:{subject_id}".encode()


def subject_keys(kind: str, subject_ids: Iterable[int]) -> SubjectKeys:
    """The keys of these subjects, made where missing. Raises SubjectErased if any has been erased."""
    wanted = sorted(set(subject_ids))
    with transaction.atomic():
        keys = _fetch(kind, wanted)
        missing = [subject_id for subject_id in wanted if subject_id not in keys]
        if missing:
            keys |= _create(kind, missing)
    erased = [subject_id for subject_id, (_key_id, key) in keys.items() if key is None]
    if erased:
        raise SubjectErased(erased)
    return SubjectKeys(kind, keys)


def seal(field: EncryptedTextField, *, subject_id: int, text: str) -> bytes:
    """One value, sealed for the place `field` of that subject. Raises SubjectErased."""
    return subject_keys(field.subject_kind, [subject_id]).seal(field, subject_id, text)


def seal_many(field: EncryptedTextField, pairs: Sequence[tuple[int, str]]) -> list[bytes]:
    """(subject id, text) → sealed values in the same order; missing keys are made by one statement."""
    keys = subject_keys(field.subject_kind, (subject_id for subject_id, _text in pairs))
    return [keys.seal(field, subject_id, text) for subject_id, text in pairs]


def open_one(field: EncryptedTextField, *, subject_id: int, sealed: bytes | None) -> Opened:
    return open_many(field, [(subject_id, sealed)])[0]


def open_many(field: EncryptedTextField, pairs: Sequence[tuple[int, bytes | None]]) -> list[Opened]:
    """(subject id, sealed) → texts in the same order, by one query. An erased subject reads as ERASED."""
    wanted = {subject_id for subject_id, sealed in pairs if sealed is not None}
    keys = SubjectKeys(field.subject_kind, _fetch(field.subject_kind, sorted(wanted)) if wanted else {})
    return [keys.open(field, subject_id, sealed) for subject_id, sealed in pairs]


def open_rows(field: EncryptedTextField, rows: Sequence[models.Model]) -> list[Opened]:
    """The values of one field of these rows, opened by one query."""
    return open_many(field, [(getattr(row, field.subject), getattr(row, field.attname)) for row in rows])


def destroy_keys(kind: str, subject_ids: Collection[int], *, now: datetime) -> int:
    """Make everything sealed for these subjects unreadable for good; answers how many keys were destroyed.

    A subject that never had a key gets a destroyed one, so that nothing can be sealed for it afterwards.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DESTROY, {"kind": kind, "ids": sorted(set(subject_ids)), "now": now})
        return cursor.rowcount


_DESTROY = """
INSERT INTO core_datakey (subject_kind, subject_id, wrapped, master_version, created_at, destroyed_at)
SELECT %(kind)s, subject_id, NULL, 0, %(now)s, %(now)s FROM unnest(%(ids)s::bigint[]) AS subject_id
ON CONFLICT (subject_kind, subject_id) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at
WHERE core_datakey.destroyed_at IS NULL
"""

_FETCH = """
SELECT subject_id, id, wrapped, master_version FROM core_datakey
WHERE subject_kind = %s AND subject_id = ANY(%s::bigint[])
"""

_CREATE = """
INSERT INTO core_datakey (subject_kind, subject_id, wrapped, master_version)
SELECT %s, fresh.subject_id, fresh.wrapped, %s
FROM unnest(%s::bigint[], %s::bytea[]) AS fresh (subject_id, wrapped)
ON CONFLICT (subject_kind, subject_id) DO NOTHING
RETURNING subject_id, id
"""


def _fetch(kind: str, subject_ids: list[int]) -> dict[int, tuple[int, bytes | None]]:
    wrappers = key_ring().wrappers
    with connection.cursor() as cursor:
        cursor.execute(_FETCH, [kind, subject_ids])
        return {
            subject_id: (
                key_id,
                None if wrapped is None else wrappers[version].unwrap(wrapped, f"{kind}:{subject_id}".encode()),
            )
            for subject_id, key_id, wrapped, version in cursor.fetchall()
        }


def _create(kind: str, missing: list[int]) -> dict[int, tuple[int, bytes | None]]:
    """New keys; where a rival made one first, the rival's is fetched."""
    wrapper = key_ring().wrapper
    fresh = {subject_id: new_key() for subject_id in missing}
    wrapped = [wrapper.wrap(key, f"{kind}:{subject_id}".encode()) for subject_id, key in fresh.items()]
    with connection.cursor() as cursor:
        cursor.execute(_CREATE, [kind, wrapper.version, missing, wrapped])
        made: dict[int, tuple[int, bytes | None]] = {
            subject_id: (key_id, fresh[subject_id]) for subject_id, key_id in cursor.fetchall()
        }
    lost = [subject_id for subject_id in missing if subject_id not in made]
    return made | _fetch(kind, lost) if lost else made
