"""What an error may say where others read it: without the values that it quotes."""

import re

from core.rules.masking import HIDDEN, mask_text

# PostgreSQL adds the row or the statement below the sentence; in the representation of an exception the line end is
# written out.
_ADDED = re.compile(r"(?:\n|\\n)\s*(?:DETAIL|CONTEXT|QUERY|STATEMENT|PARAMETERS|LINE \d+)\s*:")
# Between quotation marks, but no apostrophe. Without an end it is hidden to the last character, unless it began right
# after a bracket: then it is the representation of an exception, cut where the database added to it.
_QUOTED = re.compile(
    r"(?P<told>: |value |got )?"
    r"(?:(?<![A-Za-z0-9_])\\?(?P<mark>[\"'])(?P<straight>.*?)\\?(?P=mark)(?![A-Za-z0-9_])"
    r"|(?<![A-Za-z0-9_(])\\?[\"'].*"
    r"|[“‘「](?P<curved>[^”’」]*)[”’」]?)",
    re.DOTALL,
)
_NAME = re.compile(r"[a-z_][a-z0-9_.]*")


def scrubbed(message: str) -> str:
    """The message up to what the database added to it; what is quoted is hidden, a phone number masked.

    A quoted name of a table, column or constraint stays, except where a value stands: `: "…"`, `value "…"`, `got "…"`.
    """
    told = _ADDED.split(message, maxsplit=1)[0]
    return mask_text(_QUOTED.sub(_without_value, told))


def _without_value(match: re.Match[str]) -> str:
    quoted = match["straight"] or match["curved"] or ""
    if match["told"] is None and _NAME.fullmatch(quoted):
        return match[0]
    return f"{match['told'] or ''}{HIDDEN}"


def is_about_nul(error: BaseException) -> bool:
    """PostgreSQL keeps no text with the character NUL; its driver says so before the statement is sent."""
    return "NUL (0x00)" in str(error)
