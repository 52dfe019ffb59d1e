"""What a message needs of its member: where it goes to, and the values of its text."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from core.services.sealing import open_many
from members.enums import IdentityType
from members.models import Identity, Member

SEALED = Identity._meta.get_field("sealed")
#: The columns behind the values that are known of every member (`messaging.rules.texts.OF_MEMBER`).
COLUMNS = {"name": "name", "city": "city__name", "store": "home_store__name", "guide": "guide__display_name"}


@dataclass(frozen=True)
class Address:
    """`lookup` is its blind index, all that the ledger keeps of it."""

    lookup: str
    text: str


def addresses_of(member_ids: Sequence[int], kind: IdentityType) -> Mapping[int, Address]:
    """Of each the one that was verified last, else the newest; nobody whose address is gone. Two queries."""
    rows: list[Any] = list(
        Identity.objects.filter(member__in=member_ids, type=kind)
        .order_by("member_id", F("verified_at").desc(nulls_last=True), "-pk")
        .distinct("member_id")
        .values_list("member_id", "lookup", "sealed")
    )
    texts = open_many(SEALED, [(member_id, sealed) for member_id, _lookup, sealed in rows])
    return {
        member_id: Address(lookup, text)
        for (member_id, lookup, _sealed), text in zip(rows, texts, strict=True)
        if isinstance(text, str)
    }


def values_of(member_ids: Sequence[int], names: Collection[str]) -> Mapping[int, Mapping[str, str]]:
    """The values of these names that are known of the members themselves; one query, none for no names."""
    wanted = [name for name in COLUMNS if name in names]
    if not wanted:
        return {}
    rows = Member.objects.filter(pk__in=member_ids).values_list("pk", *(COLUMNS[name] for name in wanted))
    return {row[0]: {name: value or "" for name, value in zip(wanted, row[1:], strict=True)} for row in rows}
