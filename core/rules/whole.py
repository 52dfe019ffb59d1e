"""A whole number in the plain digits that an address or a form brings, within bounds."""

from typing import Final

#: Nine digits fit an integer of the database, eighteen a number of a row: what is longer is nobody's.
INTEGER: Final = 10**9 - 1
NUMBER: Final = 10**18 - 1


def whole_in(text: str, *, most: int = NUMBER, least: int = 0) -> int | None:
    """None for anything but the digits 0 to 9, and for a number outside its bounds, however many digits it has."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    found = int(digits) if len(digits) <= len(str(most)) else most + 1
    return found if least <= found <= most else None
