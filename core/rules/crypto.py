"""Cryptography given keys: AES-256-GCM with a header, wrapping of data keys, keyed blind indexes.

A sealed value is `format (1 byte) | id of its data key (8 bytes) | nonce (12) | ciphertext and tag`. The associated
data name the model field and the subject, so a ciphertext that is moved to another row or column does not open.
"""

import hmac
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12
HEADER_BYTES = 9
INDEX_BYTES = 16
OVERHEAD = HEADER_BYTES + NONCE_BYTES + 16


class SealBroken(Exception):
    """The ciphertext was changed, cut, moved to another place, or sealed with another key."""


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal_bytes(*, key: bytes, key_id: int, plain: bytes, context: bytes) -> bytes:
    """Encrypt under a data key; `context` is the place where the value will lie."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + key_id.to_bytes(8, "big") + nonce + AESGCM(key).encrypt(nonce, plain, context)


def key_id_of(sealed: bytes) -> int:
    """Which data key opens it. Raises SealBroken for bytes that were never sealed here."""
    if len(sealed) < OVERHEAD or sealed[:1] != FORMAT:
        raise SealBroken("not a sealed value")
    return int.from_bytes(sealed[1:HEADER_BYTES], "big")


def open_bytes(*, key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Decrypt; raises SealBroken unless bytes, key and place are exactly those of the sealing."""
    body = HEADER_BYTES + NONCE_BYTES
    try:
        return AESGCM(key).decrypt(sealed[HEADER_BYTES:body], sealed[body:], context)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("the sealed value does not open") from error


class Wrapper:
    """One version of the master key: wraps data keys. Made once and used for many."""

    def __init__(self, *, key: bytes, version: int) -> None:
        self.version = version
        self._cipher = AESGCM(key)
        self._prefix = b"dek|v%d|" % version

    def wrap(self, data_key: bytes, owner: bytes) -> bytes:
        """`nonce | ciphertext and tag`, bound to the owner ("member:42") and to this version."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, self._prefix + owner)

    def unwrap(self, wrapped: bytes, owner: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], self._prefix + owner)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("the data key does not unwrap") from error


def derive_key(master: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose (HKDF-SHA-256), so that no two indexes can be compared with each other."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"scrm|" + purpose.encode()).derive(master)


def index_function(key: bytes) -> Callable[[str], bytes]:
    """HMAC-SHA-256 cut to 128 bits, as a function of the normalised value.

    A bare hash of a phone number is the phone number: one core tries every mainland mobile within the hour.
    """

    def index(value: str) -> bytes:
        return hmac.digest(key, value.encode(), "sha256")[:INDEX_BYTES]

    return index
