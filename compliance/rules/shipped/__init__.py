"""The lexicon as shipped, written from the text of the statutes; a brand edits its copy in the admin.

`block` holds what a law names word for word, or what its trade's rules forbid outright. Everything that depends on
proof or context is `warn`. It is a working aid of marketers and reviewers, not legal advice.
"""

from collections.abc import Iterator

from compliance.rules.shipped import claims, goods, services
from compliance.rules.shipped.group import Group, Wording

GROUPS: tuple[Group, ...] = (*claims.GROUPS, *goods.GROUPS, *services.GROUPS)


def shipped() -> Iterator[Wording]:
    for group in GROUPS:
        yield from group.wordings()


__all__ = ["GROUPS", "Group", "Wording", "shipped"]
