"""What goes with a KOC who is erased: her name, her code, what was said of her. Steps and agreements stay without her."""

from datetime import datetime

from django.db import transaction

from audit.services import Target, record
from community.enums.koc import STANDING, KocState, KocVerb
from community.models import Koc, KocEvent, KocScore, KocScoreDay, LevelProposal
from community.services.kocs import note_step


@transaction.atomic
def forget_koc(*, member_id: int, now: datetime) -> int:
    """Safe to repeat; answers how many rows changed. Her code leads to nobody any more, in orders of others too."""
    changed = KocScore.objects.filter(pk=member_id).delete()[0]
    changed += KocScoreDay.objects.filter(member=member_id).delete()[0]
    koc = Koc.objects.select_for_update(of=("self",)).filter(member=member_id).first()
    if koc is not None:
        changed += _empty(koc, now)
    if changed:
        target = Target(object_type="members.member", object_id=member_id, changes={"rows": [None, changed]})
        record(by=None, action="community.erase_koc", obj=target, at=now)
    return changed


def _empty(koc: Koc, now: datetime) -> int:
    before = koc.state
    if before in (*STANDING, KocState.INVITED):
        koc.state, koc.ended_at = KocState.LEFT, now
    koc.member, koc.referral_code, koc.reason = None, None, ""
    koc.save(update_fields=["member", "referral_code", "reason", "state", "ended_at"])
    if koc.state != before:
        note_step(koc, KocVerb.LEAVE, from_state=before, by=None, now=now)
    said = KocEvent.objects.filter(koc=koc).exclude(reason="").update(reason="")
    return 1 + said + LevelProposal.objects.filter(koc=koc).exclude(note="").update(note="")
