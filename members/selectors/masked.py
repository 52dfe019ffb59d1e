"""What members are known by, as those see it who may not see it in full."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.rules.masking import HIDDEN
from core.services.sealing import open_rows
from members.enums import PROTECTED_TYPES
from members.models import Identity, Member
from members.rules.identities import MASKS
from members.selectors.persons import records_with

SEALED = Identity._meta.get_field("sealed")  # documented API of Django


@dataclass(frozen=True)
class MaskedIdentity:
    """A phone as 138****0912, an e-mail as a***@b.cn, numbers of WeChat as ***7781; customer number and card as they are."""

    type: str
    value: str
    source: str
    verified_at: datetime | None


def with_masked_identities(members: Sequence[Member]) -> Sequence[Member]:
    """The same members with `masked_identities` filled, by two queries however many they are.

    By whichever of her records she is known so: what merged ones are known by is the owner's too.
    """
    hers = Identity.objects.filter(member__in=records_with([member.pk for member in members]))
    rows = list(hers.select_related("member").order_by("type", "id"))
    found: dict[int, list[MaskedIdentity]] = defaultdict(list)
    sealed = [row for row in rows if row.type in PROTECTED_TYPES]
    opened = {row.pk: text for row, text in zip(sealed, open_rows(SEALED, sealed), strict=True)}
    for row in rows:
        text = opened.get(row.pk, row.lookup)
        value = MASKS.get(row.type, str)(text) if isinstance(text, str) else HIDDEN
        for whose in {row.member_id, row.member.owner_id}:
            found[whose].append(MaskedIdentity(row.type, value, row.source, row.verified_at))
    for member in members:
        member.masked_identities = found[member.pk]  # type: ignore[attr-defined]
    return members
