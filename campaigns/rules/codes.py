"""Codes that buyers say or type: two ways of writing one are one code.

Full width and half width, capitals and small letters, with and without spaces. Only the letters A to Z have capitals
here, as in a database whatever its locale.
"""

import unicodedata
from string import ascii_lowercase, ascii_uppercase

#: The same in SQL, of a text; `folded` and this agree.
FOLDED = "normalize(upper(replace(normalize({}, NFKC), ' ', '') COLLATE \"C\"), NFKC) COLLATE \"default\""
_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)


def folded(text: str) -> str:
    """As it is kept and compared; folded again it stays. A capital or a lost space may meet a mark that follows it."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").translate(_CAPITALS)
    return unicodedata.normalize("NFKC", plain)
