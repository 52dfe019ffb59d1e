"""A new master key while the system runs: data keys are wrapped anew in batches; what they sealed is not touched.

Readers need no pause: a data key names the version that wrapped it, and the key ring holds all of them until the old
ones are retired. A killed rotation continues with what is left. Each act is told to the witnesses of the registry.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from core.keys import (
    add_master_version,
    add_signing_key,
    in_use_since,
    key_ring,
    key_ring_path,
    take_out_master_versions,
)
from core.registries import key_witnesses

BATCH = 5_000
#: No process seals with a key ring that it read longer ago than this.
SETTLED = timedelta(hours=1)
BEGUN, FINISHED = "core.begin_rotation", "core.finish_rotation"
RETIRED, SIGNING_KEY = "core.retire_keys", "core.rotate_signing_key"

_TAKE = """
SELECT subject_kind, subject_id, wrapped, master_version FROM core_datakey
WHERE (subject_kind, subject_id) > (%(kind)s, %(id)s) AND master_version < %(version)s AND wrapped IS NOT NULL
ORDER BY subject_kind, subject_id LIMIT %(batch)s FOR UPDATE
"""
# The condition on what was wrapped makes a key that was destroyed in between stay destroyed.
_PUT = """
UPDATE core_datakey AS held SET wrapped = fresh.wrapped, master_version = %(version)s
FROM unnest(%(kinds)s::varchar[], %(ids)s::bigint[], %(wrapped)s::bytea[]) AS fresh (kind, id, wrapped)
WHERE held.subject_kind = fresh.kind AND held.subject_id = fresh.id AND held.wrapped IS NOT NULL
"""
_BY_VERSION = """
SELECT master_version, count(*) FROM core_datakey WHERE wrapped IS NOT NULL GROUP BY master_version ORDER BY 1
"""


class NotSettled(Conflict):
    code = "rotation_not_settled"
    message = _(
        "The new master key has been in use for less than an hour: an older process may still use the one before."
    )


class KeysLeft(Conflict):
    code = "rotation_not_finished"
    message = _("Some data keys are still wrapped by an older master key. Run `manage.py keys rotate` first.")


@dataclass(frozen=True)
class Progress:
    """So many data keys are wrapped anew, of so many."""

    done: int
    total: int


def begin_rotation(*, now: datetime) -> int:
    """The version to rotate to: a new one, or the latest while an earlier rotation is not finished."""
    latest = key_ring().wrapper.version
    unfinished = any(version < latest for version in keys_by_version())
    version = latest if unfinished else add_master_version(key_ring_path(), now=now)
    _tell(BEGUN, {"version": version}, now)
    return version


def rewrap_all(*, clock: Callable[[], datetime]) -> Iterator[Progress]:
    """Wrap every data key by the version in use, batch by batch, and say how far it came. Outside of a transaction."""
    version = key_ring().wrapper.version
    left = sum(count for other, count in keys_by_version().items() if other < version)
    done, before = 0, -1
    while done != before:  # again, until a pass finds nothing: others make keys meanwhile
        before = done
        for count in _pass(version):
            done += count
            yield Progress(done, max(left, done))
    _tell(FINISHED, {"version": version, "data_keys": done}, clock())


def retire(*, now: datetime) -> list[int]:
    """Take master keys out of the ring that wrap nothing any more; answers their versions.

    From then on a backup from before the rotation cannot be read. Raises NotSettled or KeysLeft.
    """
    ring = key_ring()
    old = sorted(set(ring.wrappers) - {ring.wrapper.version})
    if not old:
        return []
    since = in_use_since(key_ring_path())
    if since is not None and now - since < SETTLED:
        raise NotSettled
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE core_datakey IN SHARE MODE")  # whoever is making keys comes to an end first
        if keys_by_version().keys() & set(old):
            raise KeysLeft
        _tell(RETIRED, {"versions": old}, now)
        take_out_master_versions(key_ring_path(), old)
    return old


def rotate_signing_key(*, now: datetime) -> int:
    """Put a new signing key into use and answer its version; old seals are verified by the public halves that stay."""
    add_signing_key(key_ring_path())
    version, _key = key_ring().signer
    _tell(SIGNING_KEY, {"version": version}, now)
    return version


def keys_by_version() -> dict[int, int]:
    """How many data keys each version wraps."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_VERSION)
        return dict(cursor.fetchall())


@transaction.atomic
def _tell(action: str, facts: Mapping[str, Any], now: datetime) -> None:
    for witness in key_witnesses:
        witness.note(action, facts, now)


def _pass(version: int) -> Iterator[int]:
    """Once through the table in the order of its key, a transaction for each batch."""
    kind, subject_id = "", 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            values: dict[str, str | int] = {"kind": kind, "id": subject_id, "version": version, "batch": BATCH}
            cursor.execute(_TAKE, values)
            rows = cursor.fetchall()
            if not rows:
                return
            _rewrap(cursor, rows, version)
        kind, subject_id = rows[-1][0], rows[-1][1]
        yield len(rows)


def _rewrap(cursor: CursorWrapper, rows: list[tuple[str, int, bytes, int]], version: int) -> None:
    wrappers = key_ring().wrappers
    owners = [f"{kind}:{subject_id}".encode() for kind, subject_id, _wrapped, _version in rows]
    plain = [
        (wrappers[old].unwrap(bytes(wrapped), owner), owner)
        for (_kind, _id, wrapped, old), owner in zip(rows, owners, strict=True)
    ]
    values: dict[str, Any] = {
        "kinds": [row[0] for row in rows],
        "ids": [row[1] for row in rows],
        "wrapped": wrappers[version].wrap_all(plain),
        "version": version,
    }
    cursor.execute(_PUT, values)
