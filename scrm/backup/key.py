"""The backup key: 32 bytes in a file of its own beside the key ring. Without it no backup opens."""

import base64
import binascii
import os
from pathlib import Path

from django.conf import settings

from core.files.appending import keep_name
from core.rules.crypto import KEY_BYTES, derive_key, new_key
from scrm.backup.errors import BackupRefused


def key_path() -> Path:
    return Path(settings.SCRM_BACKUP_KEY)


def ensure_key() -> bool:
    """Make the key unless there is one; say whether it was made. Two makers at once: one wins."""
    path = key_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(new_key()) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    keep_name(path.parent)
    return True


def backup_key() -> bytes:
    """Raises BackupRefused where there is none, or something else stands in the file."""
    path = key_path()
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except FileNotFoundError:
        raise BackupRefused(
            f"There is no backup key at {path}. Put the copy there that was kept when the first backup was made, "
            "or point SCRM_BACKUP_KEY at it."
        ) from None
    except binascii.Error as error:
        raise BackupRefused(f"{path} is not a backup key.") from error
    if len(key) != KEY_BYTES:
        raise BackupRefused(f"{path} is not a backup key.")
    return key


def mark_of(key: bytes) -> bytes:
    """Eight bytes by which a key is recognised, and from which it cannot be found."""
    return derive_key(key, "backup|mark")[:8]
