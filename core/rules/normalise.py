"""One spelling for values that are compared exactly: phone numbers and e-mail addresses."""

import re
import unicodedata

_MAINLAND_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:(?:\+86|0086|86)0?|0)([1-9]\d{8,10})")
_SEPARATORS = re.compile(r"[\s\-‐-―.()·/]+")
_ABROAD = re.compile(r"\+(?!86)[1-9][0-9]{5,14}")
_NUMBER_CELL = re.compile(r"\d{7,15}\.0+")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(?:\.[^@\s\x00-\x1f.]+)+")
EMAIL_LENGTH = 254  # RFC 5321


class NotNormal(ValueError):
    """The text is not a value of that kind at all."""


def normalise_phone(text: str) -> str:
    """A mainland mobile as its 11 digits; any other number as `+` and 6 to 15 digits with the country first.

    Full-width digits, spaces, dashes and brackets fall away, and so does the `.0` of a number cell. 010-8888 8888
    becomes +861088888888. Raises NotNormal for anything else: 12345 without a country is nobody's number.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if _NUMBER_CELL.fullmatch(plain):
        plain = plain.partition(".")[0]
    plain = _SEPARATORS.sub("", plain)
    mobile = _MAINLAND_MOBILE.fullmatch(plain)
    if mobile:
        return mobile[1]
    landline = _LANDLINE.fullmatch(plain)
    if landline:
        return f"+86{landline[1]}"
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if not _ABROAD.fullmatch(plain):
        raise NotNormal("phone")
    return plain


def normalise_email(text: str) -> str:
    """Lower case, trimmed, NFKC. The part before the @ is lowered too: no shop keeps A@x and a@x apart."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if len(plain) > EMAIL_LENGTH or not _EMAIL.fullmatch(plain):
        raise NotNormal("email")
    return plain


def normalise_text(text: str) -> str:
    """Trimmed NFKC, case kept: for identifiers that a platform gave."""
    return unicodedata.normalize("NFKC", text).strip()
