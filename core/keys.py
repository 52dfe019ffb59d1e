"""The key ring: versioned master keys, the index key and signing keys, in a file outside the database.

The file is JSON: `{"format": 1, "master": {"1": base64, …}, "index": {"1": base64}, "sign": …, "verify": …}`. The highest
version of the master keys is the one in use; older ones stay so that what they wrapped can be read. There is one index
key for ever: the blind index is what makes a phone number unique in the database, and under a second key the same number
would be stored once more and the first one not be found. Of signing keys (Ed25519) only the latest secret stands under
"sign"; the public halves of all of them stay under "verify". Losing the file loses every protected value: it is backed
up apart from the database.
"""

import base64
import binascii
import fcntl
import json
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.rules.crypto import KEY_BYTES, Sealer, Wrapper, derive_key, index_function, new_key


@dataclass(frozen=True)
class KeyRing:
    """Keys by version. Never printed: the representation shows versions only."""

    wrappers: dict[int, Wrapper]
    index_keys: dict[int, bytes]
    signers: dict[int, Ed25519PrivateKey] = field(default_factory=dict)
    verifiers: dict[int, Ed25519PublicKey] = field(default_factory=dict)

    def __repr__(self) -> str:
        return (
            f"KeyRing(master={sorted(self.wrappers)}, index={sorted(self.index_keys)}, "
            f"sign={sorted(self.signers)}, verify={sorted(self.verifiers)})"
        )

    @property
    def wrapper(self) -> Wrapper:
        return self.wrappers[max(self.wrappers)]

    @property
    def index_key(self) -> bytes:
        (key,) = self.index_keys.values()
        return key

    @property
    def signer(self) -> tuple[int, Ed25519PrivateKey]:
        """The signing key in use and its version."""
        if not self.signers:
            raise ImproperlyConfigured("The key ring has no signing key: run `python manage.py keys create` once.")
        version = max(self.signers)
        return version, self.signers[version]


def key_ring_path() -> Path:
    return Path(settings.SCRM_MASTER_KEYS)


def create_key_ring(path: Path) -> bool:
    """Write a new ring (mode 0600) unless there is one; say whether it was written. Two makers at once: one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {"format": 1, "master": {"1": _encode(new_key())}, "index": {"1": _encode(new_key())}}
    temporary = _written_beside(path, _with_new_signing_key(content))
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    return True


def add_signing_key(path: Path, *, only_the_first: bool = False) -> bool:
    """Put a new signing key into use; the one before stays as its public half, by which old seals are verified.

    Answers whether one was added: with `only_the_first` a ring that has one is left as it is.
    """
    added = False

    def change(content: dict[str, Any]) -> dict[str, Any]:
        nonlocal added
        if only_the_first and content.get("sign"):
            return content
        added = True
        return _with_new_signing_key(content)

    _change(path, change)
    return added


def key_ring() -> KeyRing:
    """The ring as the file is now: a version added while the process runs is seen at the next call."""
    path = settings.SCRM_MASTER_KEYS
    try:
        facts = os.stat(path)  # noqa: PTH116  # at every call: a Path would be taken apart anew
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"There are no master keys at {path}. Run `python manage.py keys create` once, or point SCRM_MASTER_KEYS "
            "at the file; without it protected values can be neither written nor read."
        ) from None
    if facts.st_mode & 0o007:
        raise ImproperlyConfigured(f"Everyone on this machine can reach {path}: run `chmod 600 {path}`.")
    return _read(path, facts.st_ino, facts.st_mtime_ns)


def indexer(purpose: str) -> Callable[[str], bytes]:
    """The blind index of a purpose as a function, for many values."""
    return _indexer(key_ring().index_key, purpose)


def blind_index(purpose: str, value: str) -> bytes:
    """16 bytes by which an equal value of the same purpose is found; the value must be normalised already."""
    return indexer(purpose)(value)


def derived_sealer(purpose: str) -> Sealer:
    """Seals what belongs to no subject and lives shortly (stored answers), under a key of its own per purpose."""
    return Sealer(key=derive_key(key_ring().index_key, f"seal|{purpose}"))


def add_master_version(path: Path, *, now: datetime) -> int:
    """Put a new master key into use and answer its version; the older ones stay for what they wrapped."""

    def change(content: dict[str, Any]) -> dict[str, Any]:
        version = str(max(map(int, content["master"])) + 1)
        since = {**content.get("since", {}), version: now.isoformat()}
        return {**content, "master": {**content["master"], version: _encode(new_key())}, "since": since}

    changed = _change(path, change)
    return max(map(int, changed["master"]))


def take_out_master_versions(path: Path, versions: Collection[int]) -> None:
    """Remove master keys for good; the one in use stays whatever is asked."""

    def change(content: dict[str, Any]) -> dict[str, Any]:
        latest = max(map(int, content["master"]))
        gone = {str(version) for version in versions if version != latest}
        return {
            **content,
            "master": {version: key for version, key in content["master"].items() if version not in gone},
        }

    _change(path, change)


def in_use_since(path: Path) -> datetime | None:
    """When the master key in use was put into use; None for the first one."""
    content = json.loads(path.read_text(encoding="ascii"))
    since = content.get("since", {}).get(str(max(map(int, content["master"]))))
    return datetime.fromisoformat(since) if since else None


def _change(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Replace the file by a changed one, at one stroke, one changer at a time; whatever else it holds stays."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        changed = change(json.loads(path.read_text(encoding="ascii")))
        _written_beside(path, changed).replace(path)
    return changed


def public_keys() -> dict[int, str]:
    """The public halves of all signing keys by version, in base64: what somebody else needs to verify seals."""
    return {version: _encode(key.public_bytes_raw()) for version, key in sorted(key_ring().verifiers.items())}


def _with_new_signing_key(content: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, str] = content.get("verify", {})
    version = str(max(map(int, known), default=0) + 1)
    key = Ed25519PrivateKey.generate()
    public = _encode(key.public_key().public_bytes_raw())
    return {**content, "sign": {version: _encode(key.private_bytes_raw())}, "verify": {**known, version: public}}


def _written_beside(path: Path, content: dict[str, Any]) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return temporary


@lru_cache(maxsize=64)
def _indexer(master: bytes, purpose: str) -> Callable[[str], bytes]:
    return index_function(derive_key(master, f"index|{purpose}"))


@lru_cache(maxsize=4)
def _read(path: Path | str, _inode: int, _modified: int) -> KeyRing:
    try:
        content = json.loads(Path(path).read_text(encoding="ascii"))
        master = {int(version): _decode(text) for version, text in content["master"].items()}
        index = {int(version): _decode(text) for version, text in content["index"].items()}
        signers = {
            int(version): Ed25519PrivateKey.from_private_bytes(_decode(text))
            for version, text in content.get("sign", {}).items()
        }
        verifiers = {
            int(version): Ed25519PublicKey.from_public_bytes(_decode(text))
            for version, text in content.get("verify", {}).items()
        }
        usable = content["format"] == 1 and master and index
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured(f"{path} is not a key ring: {error}") from error
    if len(index) > 1:
        raise ImproperlyConfigured(
            f"{path} holds {len(index)} index keys, and there may be one only: under a second key no phone number and no "
            "e-mail address that is stored would be found, and each could be stored twice. Take the newer ones out."
        )
    if not usable:
        raise ImproperlyConfigured(f"{path} is not a key ring of format 1 with master and index keys.")
    wrappers = {version: Wrapper(key=key, version=version) for version, key in master.items()}
    return KeyRing(wrappers, index, signers, verifiers)


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError) as error:
        raise ValueError("a key is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {len(key)} bytes, not {KEY_BYTES}")
    return key
