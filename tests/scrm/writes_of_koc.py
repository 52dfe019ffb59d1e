"""Writes of the API of KOC, as (address, body) that succeeds, for `test_nothing_unlogged`."""

from collections.abc import Callable
from typing import Any

from members.models import Member
from tests.community import koc_cast as cast
from tests.scrm.pages_of_koc import active, invited

Write = Callable[[Any, Member], tuple[str, Any]]


def asked(member: Member) -> tuple[str, Any]:
    cast.joined(cast.group(), member)
    return "/api/v1/koc/", {"member": {"id": member.pk}}


KOC_WRITES: dict[str, Write] = {
    "post koc create": lambda _client, member: asked(member),
    "post koc answer": lambda _client, member: (
        f"/api/v1/koc/{invited(member).pk}/answer/",
        {"accepted": True, "version": 1},
    ),
    "post koc revenue_share": lambda _client, member: (
        f"/api/v1/koc/{active(member).pk}/revenue-share/",
        {"version": 1},
    ),
}

#: A yes is a consent and a step.
KOC_OF_SEVERAL = {"post koc answer": ["compliance.give_consent", "community.koc_accept"]}
