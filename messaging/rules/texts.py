"""Texts with places for values: `{name}`, or `{name|朋友}` with what stands there where it is not known."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,29})(?:\|([^{}|]{0,40}))?\}")
BRACE = re.compile(r"[{}]")
#: Known of every member, as far as they are known: nobody has to bring them.
OF_MEMBER = ("name", "city", "store", "guide")
#: Longer values are no values but texts of their own, which nobody reviewed.
LONGEST_VALUE = 200
_LINE = re.compile(r"[\r\n\t\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Rendered:
    """The text with its values, and the names of those that are missing: then it may not go."""

    text: str
    missing: tuple[str, ...] = ()


def names_in(*texts: str) -> list[str]:
    """The places of texts, in their order, each once."""
    return list(dict.fromkeys(found[1] for text in texts for found in PLACE.finditer(text)))


def unknown_names(texts: Iterable[str], given: Collection[str]) -> list[str]:
    """Places that nobody fills: neither known of every member nor brought by the sender."""
    return [name for name in names_in(*texts) if name not in OF_MEMBER and name not in given]


def has_stray_braces(text: str) -> bool:
    return BRACE.search(PLACE.sub("", text)) is not None


def render(text: str, values: Mapping[str, str]) -> Rendered:
    """Values stand as they are, in one line each; nothing in them is looked at again."""
    missing: list[str] = []

    def fill(found: re.Match[str]) -> str:
        value = plain(values.get(found[1], "")) or (found[2] or "")
        if not value and found[2] is None:
            missing.append(found[1])
        return value

    filled = PLACE.sub(fill, text)
    return Rendered(filled, tuple(dict.fromkeys(missing)))


def plain(value: str) -> str:
    """A value as it may stand in a message: one line, not longer than a value is."""
    return _LINE.sub(" ", str(value)).strip()[:LONGEST_VALUE]
