"""Rule 4 [?]: a second gettoken within validity gives the same token, a new one beside the old, or a new one that ends it."""

from typing import NamedTuple


class Reissue(NamedTuple):
    same: bool
    ends_old: bool


def reissue(choice: str) -> Reissue:
    return Reissue(same=choice == "same", ends_old=choice == "new_ends_old")
