"""How personal values look to those who may not see them, and in records that outlive them."""

import re

HIDDEN = "•••"

_EMAIL = re.compile(r"([^\s@<>,;:\"'()]{1,64})@([^\s@<>,;:\"'()]+\.[^\s@<>,;:\"'()]+)")
_IDENTITY_CARD = re.compile(r"(?<![0-9A-Za-z])\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])\d{2}\d{3}[0-9Xx](?![0-9A-Za-z])")
MOBILE = 11  # digits
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[\s-]?)?(1[3-9]\d)[\s-]?(\d{4})[\s-]?(\d{4})(?!\d)")


def mask_phone(phone: str) -> str:
    """138****8000; of a short number only the last two digits stay."""
    if len(phone) >= MOBILE:
        return f"{phone[:-8]}****{phone[-4:]}"
    return f"{'*' * max(len(phone) - 2, 3)}{phone[-2:]}"


def mask_email(email: str) -> str:
    """Like a***@example.com."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if domain else HIDDEN


def mask_id(value: str) -> str:
    """The last four characters, as of ***7781; nothing of a value that is hardly longer."""
    return f"***{value[-4:]}" if len(value) > 8 else HIDDEN  # noqa: PLR2004  # at least as much hidden as shown


def mask_name(name: str) -> str:
    """王* for two characters, 王*明 for three, 欧*** for more; a single one is hidden whole."""
    name = name.strip()
    match list(name):
        case [] | [_]:
            return "*" * len(name)
        case [first, _, last]:
            return f"{first}*{last}"
    return f"{name[0]}{'*' * min(len(name) - 1, 3)}"


def without_name(text: str, name: str) -> str:
    """The text with that name masked wherever it stands; a name of one character is part of too many words."""
    name = name.strip()
    return text.replace(name, mask_name(name)) if len(name) > 1 else text


def mask_text(text: str) -> str:
    """Free text with every mainland mobile, identity card number and e-mail address in it masked."""
    text = _IDENTITY_CARD.sub(lambda match: f"{match[0][:4]}{'*' * 10}{match[0][-4:]}", text)
    text = _PHONE.sub(lambda match: f"{match[1]}****{match[3]}", text)
    return _EMAIL.sub(lambda match: f"{match[1][:1]}***@{match[2]}", text)
