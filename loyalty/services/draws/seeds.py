"""The seed of a draw: made where nobody sees it, sealed under the key ring, opened by the draw alone."""

import secrets

from core.keys import derived_sealer
from loyalty.models import Draw
from loyalty.rules.drawing import hash_of_seed

SEED_BYTES = 32
PURPOSE = "draw-seed"


def make_seed(draw: Draw) -> tuple[str, bytes]:
    """The fingerprint to be published, and the sealed seed."""
    seed = secrets.token_hex(SEED_BYTES)
    return hash_of_seed(seed), derived_sealer(PURPOSE).seal(seed.encode(), _place(draw))


def open_seed(draw: Draw) -> str:
    return derived_sealer(PURPOSE).open(bytes(draw.sealed_seed or b""), _place(draw)).decode()


def _place(draw: Draw) -> bytes:
    return f"loyalty.Draw.seed|{draw.pk}".encode()
