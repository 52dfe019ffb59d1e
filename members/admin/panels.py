"""The parts of the member page that members themselves bring: what she is known by, and the plain facts about her."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.services.sealing import ERASED, Opened, open_rows
from members.admin.extension import MemberPanel, member_panels
from members.enums import PROTECTED_TYPES
from members.models import Identity, Member
from members.rules.identities import MASKS
from members.selectors.persons import birthday_of, records_with

SEALED = Identity._meta.get_field("sealed")


def load_identities(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """Masked: nobody reads a whole phone number or WeChat number by opening a page."""
    rows = list(Identity.objects.filter(member__in=records_with([member.pk])).order_by("type", "id"))
    may_reveal = any(row.type in MASKS for row in rows) and request.user.has_perm("members.reveal_identity")
    url = reverse("admin:members_member_part", args=(member.pk, "reveal")) if may_reveal else ""
    return {"identities": masked(rows), "reveal_url": url}


def masked(identities: Sequence[Identity]) -> list[dict[str, Any]]:
    """Two queries at most, however many there are: the rows were read before, the key is read once."""
    sealed = [identity for identity in identities if identity.type in PROTECTED_TYPES]
    opened = dict(zip((row.pk for row in sealed), open_rows(SEALED, sealed), strict=True)) if sealed else {}
    return [_line(identity, opened.get(identity.pk)) for identity in identities]


def _line(identity: Identity, opened: Opened) -> dict[str, Any]:
    text = opened if identity.type in PROTECTED_TYPES else identity.lookup
    return {
        "label": identity.get_type_display(),
        "text": MASKS.get(identity.type, str)(text) if isinstance(text, str) else str(ERASED),
        "source": identity.source,
        "verified_at": identity.verified_at,
    }


def load_profile(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    return {
        "can_change": request.user.has_perm("members.change_member"),
        "member": member,
        "birthday": birthday_of(member),
    }


member_panels.register_all(
    [
        MemberPanel(
            code="identities",
            template="members/panel_identities.html",
            load=load_identities,
            place="side",
            permission="members.view_identity",
            order=20,
        ),
        MemberPanel(code="profile", template="members/panel_profile.html", load=load_profile, place="side", order=30),
    ]
)
