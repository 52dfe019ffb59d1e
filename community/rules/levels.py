"""The three levels of KOC, each above the one before."""

from community.enums.koc import KocLevel

ORDER = tuple(KocLevel.values)


def reaches(level: str, least: str) -> bool:
    """Whether somebody of `level` has what is for `least` and above."""
    return ORDER.index(level) >= ORDER.index(least)


def from_level(least: str) -> tuple[str, ...]:
    """That level and those above it."""
    return ORDER[ORDER.index(least) :]
