"""How WeCom signs and encrypts what it tells us (document/path/90968).

The signature is the SHA-1 of token, timestamp, nonce and ciphertext, sorted and joined. The key is the base64 of
EncodingAESKey and "="; AES-256-CBC with its first 16 bytes as initial vector; padded by PKCS#7 to 32 bytes. Plain text:
16 random bytes, the length of the message in 4 bytes (big-endian), the message, and who it is meant for.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

RANDOM, LENGTH, BLOCK, PADDED_TO = 16, 4, 16, 32


class Undecipherable(ValueError):
    """Not encrypted with this key, or cut."""


@dataclass(frozen=True)
class Opened:
    message: bytes
    receiver: str


def signature(*, token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    joined = "".join(sorted([token, timestamp, nonce, encrypted]))
    return hashlib.sha1(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def is_signed(signed: str, *, token: str, timestamp: str, nonce: str, encrypted: str) -> bool:
    expected = signature(token=token, timestamp=timestamp, nonce=nonce, encrypted=encrypted)
    return hmac.compare_digest(expected.encode(), signed.encode("utf-8", "surrogatepass"))


def decrypt(encrypted: str, *, aes_key: str) -> Opened:
    """Raises Undecipherable, and says no more: whoever tries keys or cuts learns nothing from the difference."""
    sealed = _bytes_of(encrypted)
    if not sealed or len(sealed) % BLOCK:
        raise Undecipherable
    opening = _cipher(aes_key).decryptor()
    padded = opening.update(sealed) + opening.finalize()
    plain = padded[: -_padding(padded)]
    start = RANDOM + LENGTH
    length = int.from_bytes(plain[RANDOM:start], "big")
    if len(plain) < start + length:
        raise Undecipherable
    try:
        return Opened(plain[start : start + length], plain[start + length :].decode())
    except UnicodeDecodeError as error:
        raise Undecipherable from error


def encrypt(message: bytes, *, aes_key: str, receiver: str, random: bytes) -> str:
    """As the platform does it; `random` are 16 bytes that never come again."""
    plain = random + len(message).to_bytes(LENGTH, "big") + message + receiver.encode()
    fill = PADDED_TO - len(plain) % PADDED_TO
    sealing = _cipher(aes_key).encryptor()
    sealed = sealing.update(plain + bytes([fill]) * fill) + sealing.finalize()
    return base64.b64encode(sealed).decode()


def _cipher(aes_key: str) -> Cipher[CBC]:
    key = _bytes_of(aes_key + "=")
    return Cipher(AES(key), CBC(key[:BLOCK]))


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Undecipherable from error


def _padding(padded: bytes) -> int:
    fill = padded[-1]
    if not 1 <= fill <= PADDED_TO or padded[-fill:] != bytes([fill]) * fill:
        raise Undecipherable
    return fill
