"""A database with every migration applied, kept between runs and copied: migrating takes most of a minute.

Its name carries the fingerprint of whatever a migration may read, so that a change there makes a new one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from scrm.bench.database import copy_database, drop_database, make_migrated

READ_BY_MIGRATIONS = (
    "*/migrations/**/*", "*/models/**/*", "*/rules/**/*", "core/**/*", "compliance/selectors/lexicon.py",
    "scrm/settings.py", "requirements-dev.lock",
)  # fmt: skip


def fingerprint(root: Path) -> str:
    """Twelve hex digits over the names and bytes of the files that READ_BY_MIGRATIONS names."""
    digest = sha256()
    files = {
        path for pattern in READ_BY_MIGRATIONS for path in root.glob(pattern) if path.suffix not in {".pyc", ".mo"}
    }
    for path in sorted(path for path in files if path.is_file()):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def migrated_database() -> str:
    """The name of the kept database, to which nobody is connected; made, and older ones dropped, where it is missing."""
    connection = connections[DEFAULT_DB_ALIAS]
    base = f"{settings.DATABASES[DEFAULT_DB_ALIAS]['NAME']}_migrated_"
    name = base + fingerprint(settings.BASE_DIR)
    with _one_at_a_time(base) as existing:
        if name not in existing:
            for old in existing:
                drop_database(old)
            being_made, used = f"{base}new", connection.settings_dict["NAME"]
            make_migrated(being_made)
            connection.close()
            settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"] = connection.settings_dict["NAME"] = used
            copy_database(being_made, name)
            drop_database(being_made)
    return name


@contextmanager
def _one_at_a_time(base: str) -> Iterator[list[str]]:
    """The databases whose names begin with `base`, while no other process of the suite makes or drops one."""
    with connections[DEFAULT_DB_ALIAS]._nodb_cursor() as cursor:  # Django's own way to where databases are made
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [base])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [base])
        yield [name for (name,) in cursor.fetchall()]
