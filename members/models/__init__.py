"""People, what they are known by, saved views of their list, and the filters that narrow it."""

from members.models.birthdays import born_in, born_on
from members.models.city import City
from members.models.filters import MemberFilter, check_parameters, filter_members, filter_names, member_filters
from members.models.identity import Identity
from members.models.member import Member
from members.models.merge_parties import MergeParty, PlanLine, merge_parties
from members.models.merging import DuplicatePair, Merging
from members.models.own_filters import one_of, within
from members.models.owners import owner_number
from members.models.reveal import MinorAccess
from members.models.saved_view import SavedView

__all__ = [
    "City",
    "DuplicatePair",
    "Identity",
    "Member",
    "MemberFilter",
    "MergeParty",
    "Merging",
    "MinorAccess",
    "PlanLine",
    "SavedView",
    "born_in",
    "born_on",
    "check_parameters",
    "filter_members",
    "filter_names",
    "member_filters",
    "merge_parties",
    "one_of",
    "owner_number",
    "within",
]
