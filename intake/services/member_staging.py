"""Step one for members: besides reading, phones and e-mails are sealed before they touch a table.

A value is sealed for one member, so who it will be is decided here: the member who has one of the identities, or a
number taken from the sequence for a new one. `members.services.record_members` puts right what changes until then.
"""

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.keys import indexer
from core.services.sealing import SubjectErased, SubjectKeys, subject_keys
from intake.enums import Reason
from intake.models import ImportJob
from intake.rules.cells import copy_texts
from intake.rules.fields import IDENTITIES
from intake.services.staging import Chunk, Stager, staging_table
from members.enums import PROTECTED_TYPES, IdentityType
from members.rules.names import name_key
from members.rules.recording import UNSEALED_MARK
from members.selectors.identities import lookup_function, members_with
from members.services.recording import SEALED

Lookups = dict[IdentityType, list[str]]
Owners = dict[tuple[IdentityType, str], int]

SUBJECT = "member"
NEW_IDS = """
SELECT nextval((SELECT pg_get_serial_sequence('members_member', 'id')::regclass)) FROM generate_series(1, %s)
"""
UNUSED_KEYS = """
DELETE FROM core_datakey AS key USING {staging} AS given
WHERE key.subject_kind = %s AND key.subject_id = given.member_id AND key.destroyed_at IS NULL
  AND NOT EXISTS (SELECT FROM members_member AS member WHERE member.id = given.member_id)
"""


def drop_unused_keys(job: ImportJob) -> None:
    """Remove the keys made for rows that became no member after all."""
    table = staging_table(job)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [table])
        if cursor.fetchone()[0] is not None:
            cursor.execute(UNUSED_KEYS.format(staging=table), [SUBJECT])


def _plain(value: str | None) -> str:
    """No value and an empty text are the same until they are written."""
    return value or ""


class MemberStager(Stager):
    """Reads a file of members; chunks hold plain texts until they are written."""

    encode = staticmethod(_plain)

    def write(self, cursor: CursorWrapper, chunk: Chunk) -> int:
        chunk = self._known_by_something(chunk)
        lookups = self._lookups(chunk)
        owners = members_with((kind, value) for kind, values in lookups.items() for value in values if value)
        member_ids = self._member_ids(cursor, lookups, owners, len(chunk["line"]))
        chunk["member_id"] = [str(member_id) for member_id in member_ids]
        chunk["content"] = self._contents(chunk)
        if "name" in chunk:
            chunk["name_key"] = [name_key(name) for name in chunk["name"]]
        chunk = self._sealed(chunk, lookups, owners, member_ids)
        return super().write(cursor, {name: self._encoded(name, values) for name, values in chunk.items()})

    def _known_by_something(self, chunk: Chunk) -> Chunk:
        present = [chunk[name] for name in IDENTITIES if name in chunk]
        keep = [any(values) for values in zip(*present, strict=True)]
        return self.without(chunk, keep, Reason.NO_IDENTITY)

    def _lookups(self, chunk: Chunk) -> Lookups:
        """By what each row is looked up, type by type: the value itself, or its blind index."""
        lookups = {}
        for kind in (IdentityType(name) for name in IDENTITIES if name in chunk):
            lookup = lookup_function(kind)
            lookups[kind] = [lookup(value) if value else "" for value in chunk[kind]]
        return lookups

    def _member_ids(self, cursor: CursorWrapper, lookups: Lookups, owners: Owners, count: int) -> list[int]:
        known: list[int | None] = [None] * count
        for kind, values in reversed(lookups.items()):  # the first type is believed most, so it comes last
            known = [owners.get((kind, value), before) for value, before in zip(values, known, strict=True)]
        cursor.execute(NEW_IDS, [known.count(None)])
        fresh = (row[0] for row in cursor.fetchall())
        return [member_id if member_id is not None else next(fresh) for member_id in known]

    def _contents(self, chunk: Chunk) -> list[str]:
        """A keyed digest of all that the row says: a bare one would give a phone number away."""
        index = indexer("intake.content")
        columns = [values for name, values in chunk.items() if name not in {"line", "member_id"}]
        return [index("\x1f".join(values)).hex() for values in zip(*columns, strict=True)]

    def _sealed(self, chunk: Chunk, lookups: Lookups, owners: Owners, member_ids: list[int]) -> Chunk:
        kinds = [kind for kind in lookups if kind in PROTECTED_TYPES]
        to_seal = {
            kind: [place for place, value in enumerate(lookups[kind]) if value and (kind, value) not in owners]
            for kind in kinds
        }
        wanted = {member_ids[place] for places in to_seal.values() for place in places}
        try:
            keys = None if self.job.dry_run or not wanted else subject_keys(SUBJECT, wanted)
        except SubjectErased as error:
            keep = [member_id not in error.subject_ids for member_id in member_ids]
            kept_ids = [member_id for member_id in member_ids if member_id not in error.subject_ids]
            chunk = self.without(chunk, keep, Reason.MEMBER_ERASED)
            lookups = {
                kind: [value for value, kept in zip(values, keep, strict=True) if kept]
                for kind, values in lookups.items()
            }
            return self._sealed(chunk, lookups, owners, kept_ids)
        for kind in kinds:
            chunk[f"{kind}_sealed"] = _sealed_column(keys, to_seal[kind], member_ids, chunk[kind])
            chunk[kind] = lookups[kind]
        return chunk

    @staticmethod
    def _encoded(name: str, values: list[str]) -> list[str]:
        if name.endswith("_sealed") or name in _VALUES:
            return [value or "\\N" for value in values]
        return copy_texts(values)


#: Columns that are no texts: nothing is a null there.
_VALUES = frozenset({"registered_at", "birthday", "home_store_id", "guide_id"})


def _sealed_column(keys: SubjectKeys | None, places: list[int], member_ids: list[int], texts: list[str]) -> list[str]:
    """COPY text of the sealed values, at the places that need one."""
    column = [""] * len(texts)
    pairs = [(member_ids[place], texts[place]) for place in places]
    sealed = [UNSEALED_MARK] * len(places) if keys is None else keys.seal_all(SEALED, pairs)
    for place, value in zip(places, sealed, strict=True):
        column[place] = f"\\\\x{value.hex()}"
    return column
