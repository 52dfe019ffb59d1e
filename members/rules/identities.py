"""How an identity is written: one spelling per value, so that equal ones meet."""

import re
from collections.abc import Callable, Mapping

from core.rules.masking import mask_email, mask_id, mask_phone
from core.rules.normalise import NotNormal, normalise_email, normalise_phone, normalise_text
from members.enums import IdentityType

LENGTH = 128
PURPOSES = {IdentityType.PHONE: "members.phone", IdentityType.EMAIL: "members.email"}
SPELLING = {IdentityType.PHONE: normalise_phone, IdentityType.EMAIL: normalise_email}

#: How a value looks to everybody. The customer number and the card stay readable: tills, files and programs go by them.
MASKS: Mapping[str, Callable[[str], str]] = {
    IdentityType.PHONE: mask_phone,
    IdentityType.EMAIL: mask_email,
    IdentityType.UNIONID: mask_id,
    IdentityType.OPENID: mask_id,
    IdentityType.EXTERNAL_USERID: mask_id,
}

FEWEST_DIGITS, MOBILE_DIGITS = 3, 11
_SPACING = re.compile(r"[\s*-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def normalise(kind: IdentityType, text: str) -> str:
    """The value as it is stored and compared. Raises NotNormal for what cannot be of that type."""
    value = SPELLING.get(kind, normalise_text)(text)
    if not value or len(value) > LENGTH or _CONTROL.search(value):
        raise NotNormal(kind)
    return value


def is_part_of_number(text: str) -> bool:
    """Digits too few for a whole phone number, such as its last four: by those nobody is found."""
    digits = _SPACING.sub("", text)
    return digits.isascii() and digits.isdigit() and FEWEST_DIGITS <= len(digits) < MOBILE_DIGITS


def possible_values(text: str) -> list[tuple[IdentityType, str]]:
    """What a text typed into a search may mean: every type for which it is a value."""
    found = []
    for kind in IdentityType:
        try:
            found.append((kind, normalise(kind, text)))
        except NotNormal:
            continue
    return found
