"""Named reads of members."""

from members.selectors.identities import lookup_function, lookup_of, members_with

__all__ = ["lookup_function", "lookup_of", "members_with"]
