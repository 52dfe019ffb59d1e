"""What an error may say where others read it: without the values that it quotes."""

import re

from core.rules.masking import HIDDEN, mask_text

# PostgreSQL adds the row or the statement below the sentence; in the representation of an exception the line end is
# written out.
_ADDED = re.compile(r"(?:\n|\\n)\s*(?:DETAIL|CONTEXT|QUERY|STATEMENT|PARAMETERS|LINE \d+)\s*:")
# … for type date: "1390…", value "1390…" is out of range, invalid literal for int() with base 10: '1390…'
_QUOTED = re.compile(r"(: |value )(\\?[\"'])(?:(?!\2).)*\2?", re.DOTALL)


def scrubbed(message: str) -> str:
    """The message up to what the database added to it; a value in quotation marks is hidden, a phone number masked."""
    told = _ADDED.split(message, maxsplit=1)[0]
    return mask_text(_QUOTED.sub(lambda match: f"{match[1]}{HIDDEN}", told))


def is_about_nul(error: BaseException) -> bool:
    """PostgreSQL keeps no text with the character NUL; its driver says so before the statement is sent."""
    return "NUL (0x00)" in str(error)
