"""Signatures over what is sent to and received from gateways: HMAC-SHA256, with the moment inside.

The form is `t=<seconds>,v1=<hex>` over `<seconds>.<body>`: a recorded call cannot be played again later.
"""

import hashlib
import hmac
import re

#: Seconds that a call may be old, or ahead by another clock.
TOLERANCE = 300
_HEADER = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, body: bytes, *, seconds: int) -> str:
    return f"t={seconds},v1={digest(secret, b'%d.%b' % (seconds, body))}"


def is_signed(secret: str, body: bytes, header: str, *, seconds: int) -> bool:
    """Whether the header is a signature over this body, made lately; never without a secret."""
    found = _HEADER.fullmatch(header.strip())
    if not secret or found is None:
        return False
    made = int(found[1])
    right = digest(secret, b"%d.%b" % (made, body))
    return hmac.compare_digest(right, found[2]) and abs(seconds - made) <= TOLERANCE


def digest(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
