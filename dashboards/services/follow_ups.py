"""Seeing to members."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import NotFound
from dashboards.enums import FollowUpKind
from dashboards.errors import FollowUpNotValid
from dashboards.models import FollowUp
from dashboards.selectors.follow_ups import reasons_for
from members.models import Member


@transaction.atomic
def follow_up(*, member_id: int, kind: str, about: date, by: User, now: datetime) -> FollowUp:
    """Note that `by` saw to a member that she may see, for a reason that there is; each counts once.

    Raises NotFound, or FollowUpNotValid for an unknown reason and for one that there is not now.
    """
    if kind not in FollowUpKind.values:
        raise FollowUpNotValid(fields={"kind": [_("There is no such reason.")]})
    member = Member.objects.visible_to(by).active().filter(pk=member_id).first()
    if member is None:
        raise NotFound
    if not FollowUp.objects.filter(member=member, kind=kind, about=about).exists():
        _require_reason(member, kind, about, now)
    found, is_new = FollowUp.objects.get_or_create(
        member=member, kind=kind, about=about, defaults={"by": by, "at": now}
    )
    if is_new:
        record(by=by, action="dashboards.follow_up", obj=member, changes={"why": [None, kind]}, at=now)
    return found


def _require_reason(member: Member, kind: str, about: date, now: datetime) -> None:
    """What counts in the figures of the team is not invented."""
    if not any((each.kind, each.about) == (kind, about) for each in reasons_for(member, now=now)):
        raise FollowUpNotValid(fields={"about": [_("There is no such reason now.")]})
