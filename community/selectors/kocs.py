"""KOC as they stand: agreements, steps, what waits."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import User
from community.enums.koc import STANDING, AgreementKind, KocState, ProposalState
from community.models import Koc, KocAcceptance, KocAgreement, KocEvent, KocScoreDay, LevelProposal

SHOWN_STEPS = 30
COURSE_DAYS = 90
#: What the list of KOC shows under each heading.
SHOWN = {
    "active": STANDING,
    "invited": (KocState.INVITED,),
    "left": (KocState.LEFT, KocState.DEMOTED, KocState.DECLINED),
}


def agreement_in_force(kind: AgreementKind) -> KocAgreement:
    """The latest version; the product ships a first one of each."""
    return KocAgreement.objects.filter(kind=kind).order_by("-version")[0]


def has_agreed(koc: Koc, agreement: KocAgreement) -> bool:
    """To these very words."""
    return _acceptances(koc).filter(agreement=agreement).exists()


def acceptances_of(koc: Koc) -> Sequence[KocAcceptance]:
    return list(_acceptances(koc).select_related("agreement", "by").order_by("-id"))


def _acceptances(koc: Koc) -> QuerySet[KocAcceptance]:
    """Also those of a KOC who turned out to be her: she has agreed, by whichever of her records."""
    return KocAcceptance.objects.filter(Q(koc=koc) | Q(koc__merged_into=koc))


def steps_of(koc: Koc) -> Sequence[KocEvent]:
    return list(KocEvent.objects.filter(koc=koc).select_related("by").order_by("-at", "-id")[:SHOWN_STEPS])


def course_of(koc: Koc) -> Sequence[KocScoreDay]:
    """Her score by day, the oldest first."""
    if koc.member_id is None:
        return []
    return list(KocScoreDay.objects.filter(member=koc.member_id).order_by("-day")[:COURSE_DAYS])[::-1]


def open_proposals(user: User) -> QuerySet[LevelProposal]:
    """Those about KOC whom `user` sees, the oldest first."""
    return (
        LevelProposal.objects.filter(state=ProposalState.OPEN, koc__in=Koc.objects.visible_to(user))
        .select_related("koc", "koc__member")
        .order_by("made_at", "id")
    )


def open_proposal_of(koc: Koc) -> LevelProposal | None:
    return LevelProposal.objects.filter(koc=koc, state=ProposalState.OPEN).first()
