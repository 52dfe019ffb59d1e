"""Codes of coupons: how they look, how they are read back, how one is made from a key and a number."""

import re
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L, which are misread
LENGTH = 12  # 31¹² ≈ 2⁵⁹: nobody guesses one
LONGEST = 64
SHOWN = 4
_SHAPE = re.compile(r"[0-9A-Z_.-]{4,64}")


def code_from(index: Callable[[str], bytes], place: str) -> str:
    """The code of one place ("grant:42"), the same for ever under the same keyed function of 16 bytes."""
    number = int.from_bytes(index(place), "big")
    letters = []
    for _letter in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def normalised(text: str) -> str:
    """As it is compared: capitals, without spaces and without the dashes by which ours are printed."""
    plain = "".join(text.split()).upper()
    bare = plain.replace("-", "")
    return bare if len(bare) == LENGTH and set(bare) <= set(ALPHABET) else plain


def is_code(text: str) -> bool:
    """Whether a normalised text can be a code at all."""
    return bool(_SHAPE.fullmatch(text))


def printed(code: str) -> str:
    """ABCD-EFGH-JKMN; a code from elsewhere stays as it came."""
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        return code
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def masked(code: str) -> str:
    """Only its end, as far as it tells nobody the rest."""
    return f"••••{code[-SHOWN:]}" if len(code) > 2 * SHOWN else "••••"
