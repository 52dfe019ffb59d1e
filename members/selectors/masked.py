"""What members are known by, as those see it who may not see it in full."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.rules.masking import HIDDEN, mask_email, mask_phone
from core.services.sealing import Erased, open_rows
from members.enums import PROTECTED_TYPES, IdentityType
from members.models import Identity, Member

SEALED = Identity._meta.get_field("sealed")  # documented API of Django
MASKS = {IdentityType.PHONE: mask_phone, IdentityType.EMAIL: mask_email}


@dataclass(frozen=True)
class MaskedIdentity:
    """A phone as 138****0912, an e-mail as a***@b.cn; other types as they are."""

    type: str
    value: str
    source: str
    verified_at: datetime | None


def with_masked_identities(members: Sequence[Member]) -> Sequence[Member]:
    """The same members with `masked_identities` filled, by two queries however many they are."""
    rows = list(Identity.objects.filter(member__in=[member.pk for member in members]).order_by("type", "id"))
    found: dict[int, list[MaskedIdentity]] = defaultdict(list)
    sealed = [row for row in rows if row.type in PROTECTED_TYPES]
    opened = {row.pk: text for row, text in zip(sealed, open_rows(SEALED, sealed), strict=True)}
    for row in rows:
        value = _masked(IdentityType(row.type), opened[row.pk]) if row.pk in opened else row.lookup
        found[row.member_id].append(MaskedIdentity(row.type, value, row.source, row.verified_at))
    for member in members:
        member.masked_identities = found[member.pk]  # type: ignore[attr-defined]
    return members


def _masked(kind: IdentityType, text: str | Erased | None) -> str:
    return MASKS[kind](text) if isinstance(text, str) else HIDDEN
