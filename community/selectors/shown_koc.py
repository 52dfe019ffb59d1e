"""KOC and members as somebody may see them: a name masked for whom names are masked."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from community.enums.koc import KocLevel, KocState
from community.models import Koc
from core.rules.whole import whole_in
from members.models import Member

MOST = 20


@dataclass(frozen=True)
class Shown:
    """How one KOC is shown: number, member's number, name as it may be seen, code, whether she is one now."""

    pk: int
    member_id: int | None
    name: str
    code: str
    state: str
    level: str

    @property
    def is_active(self) -> bool:
        return self.state == KocState.ACTIVE

    @property
    def state_words(self) -> str:
        return str(KocState(self.state).label)

    @property
    def level_words(self) -> str:
        return str(KocLevel(self.level).label)


def shown_koc(user: User, numbers: Iterable[int]) -> dict[int, Shown]:
    """By number, those that `user` may see; two queries however many."""
    rows = list(Koc.objects.visible_to(user).filter(pk__in=set(numbers)))
    names = shown_members(user, (row.member_id for row in rows if row.member_id))
    return {
        row.pk: Shown(
            pk=row.pk,
            member_id=row.member_id,
            name=names.get(row.member_id or 0, ""),
            code=row.referral_code or "",
            state=row.state,
            level=row.level,
        )
        for row in rows
    }


def shown_members(user: User, numbers: Iterable[int]) -> dict[int, str]:
    """Names by number, as `user` may see them; who is not to be seen is not there."""
    return {member.pk: str(member) for member in Member.objects.visible_to(user).filter(pk__in=set(numbers))}


def koc_named(user: User, text: str) -> Koc | None:
    """The KOC whom a code, or the number of a member, means; a code may look like a number, so it goes first."""
    plain = text.replace("\x00", "").strip().upper()
    seen = Koc.objects.visible_to(user)
    found = seen.filter(referral_code=plain).first() if plain else None
    number = whole_in(plain)
    if found is None and number is not None:
        found = seen.filter(member=number).first()
    return found
