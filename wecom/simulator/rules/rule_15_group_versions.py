"""Rule 15: each change of a group names the member version before and after; what the API reads may lag behind the event."""

import hashlib


def version_of(members: list[str], changed: int) -> str:
    """Of who is in the group; 32 hex digits as WeCom's."""
    return hashlib.md5(f"{sorted(members)}|{changed}".encode(), usedforsecurity=False).hexdigest()


def last_version(true: str, *, broken: bool) -> str:
    """What the event says; a broken chain forces the receiver to fetch the group anew."""
    return hashlib.md5(b"broken" + true.encode(), usedforsecurity=False).hexdigest() if broken else true


def is_stale(*, changed: int, now: int, delay: int) -> bool:
    return now - changed < delay
