"""The tree of hashes over the rows of a seal, as RFC 6962 (section 2.1) builds it.

Leaves and inner nodes are hashed with different first bytes, so that no inner node can be passed off as a row.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"
Step = tuple[str, bytes]  # on which side the sibling stands ("left" or "right"), and its hash


def leaf_hash(row: bytes) -> bytes:
    return sha256(LEAF + row).digest()


def root_of(rows: Iterable[bytes]) -> bytes:
    """The root over the hashes of rows, in their order; of nothing it is the hash of nothing."""
    level = [sha256(LEAF + row).digest() for row in rows]
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path_of(rows: Sequence[bytes], place: int) -> list[Step]:
    """The siblings on the way from the row at `place` (from 0) up to the root."""
    level, steps = [leaf_hash(row) for row in rows], []
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            steps.append(("left" if beside < place else "right", level[beside]))
        level, place = _above(level), place // 2
    return steps


def root_by_path(row: bytes, steps: Iterable[Step]) -> bytes:
    """The root that a row and its siblings lead to."""
    node = leaf_hash(row)
    for side, sibling in steps:
        pair = sibling + node if side == "left" else node + sibling
        node = sha256(NODE + pair).digest()
    return node


def _above(level: list[bytes]) -> list[bytes]:
    """Pairs hashed together; one without a partner goes up as it is, which gives the tree of the RFC."""
    whole = len(level) & ~1
    above = [sha256(NODE + level[at] + level[at + 1]).digest() for at in range(0, whole, 2)]
    return above + level[whole:]
