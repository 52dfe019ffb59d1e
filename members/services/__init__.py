"""Every write of members."""

from members.services.identities import IdentityGiven, add_identity, remove_identity
from members.services.people import create_member, update_member
from members.services.resolving import RESOLVED, ensure_members

__all__ = [
    "RESOLVED",
    "IdentityGiven",
    "add_identity",
    "create_member",
    "ensure_members",
    "remove_identity",
    "update_member",
]
