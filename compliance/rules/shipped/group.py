"""How the shipped lexicon is written down: phrases that share a law, a reason and a way out."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.enums.content import Pack, Severity


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One phrase with everything that is said of it."""

    phrase: str
    pack: str
    severity: str
    law: str
    suggestion: str
    note: str


def joined(first: str, second: str) -> str:
    """Each phrase of the one before each of the other: a family is written down by its halves."""
    return " ".join(f"{start}{end}" for start in first.split() for end in second.split())


@dataclass(frozen=True, kw_only=True)
class Group:
    """`phrases` are separated by white space; a phrase with a space in it has a `_` there."""

    pack: Pack
    severity: Severity
    law: str
    phrases: str
    suggestion: str = ""
    note: str = ""

    def wordings(self) -> Iterator[Wording]:
        for phrase in self.phrases.split():
            yield Wording(
                phrase=phrase.replace("_", " "),
                pack=self.pack.value,
                severity=self.severity.value,
                law=self.law,
                suggestion=self.suggestion,
                note=self.note,
            )
