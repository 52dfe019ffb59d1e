"""Every write of members."""

from members.services.duplicates import find_duplicates, not_duplicates, note_claims
from members.services.identities import IdentityGiven, add_identity, remove_identity
from members.services.merging import merge_members, plan_merge, unmerge_member
from members.services.people import create_member, update_member
from members.services.recording import MembersRecorded, decide_members, record_members
from members.services.resolving import RESOLVED, ensure_members
from members.services.saved_views import delete_view, save_view

__all__ = [
    "RESOLVED",
    "IdentityGiven",
    "MembersRecorded",
    "add_identity",
    "create_member",
    "decide_members",
    "delete_view",
    "ensure_members",
    "find_duplicates",
    "merge_members",
    "not_duplicates",
    "note_claims",
    "plan_merge",
    "record_members",
    "remove_identity",
    "save_view",
    "unmerge_member",
    "update_member",
]
