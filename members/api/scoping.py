"""Addresses below one member, within what the caller may see."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.api.callers import caller_of
from core.api.fields import INT64
from core.errors import NotFound
from members.models import Member

MEMBER_ID = OpenApiParameter(
    name="member_id",
    location=OpenApiParameter.PATH,
    type={"type": "integer", "minimum": 1, "maximum": INT64},
)
ID_PATTERN = "[1-9][0-9]{0,18}"


def member_or_404(request: Request, member_id: str) -> Member:
    """The member, if there is one that the caller may see; otherwise there is none. Raises NotFound."""
    member = Member.objects.visible_to(caller_of(request)).filter(pk=int(member_id)).first()
    if member is None:
        raise NotFound
    return member
