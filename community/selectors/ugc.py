"""The UGC library, read: what is there, whether it may be used, where it was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count, QuerySet

from accounts.models import User
from community.enums.ugc import UgcState
from community.models import Ugc, UgcUse
from community.rules.rights_sql import RESTRICTED, WITHDRAWN
from compliance.enums.consent import Channel, Purpose
from compliance.selectors.consent import held, is_restricted, states_of
from content.models import Slot

LOT = 500
LIVE = (UgcState.OFFERED, UgcState.IN_REVIEW, UgcState.APPROVED, UgcState.RETURNED)


@dataclass(frozen=True, kw_only=True)
class Use:
    """A material made of a piece, and the slots of the calendar that have it."""

    use: UgcUse
    slots: tuple[Slot, ...]


def library(user: User, *, state: str = "", kind: str = "") -> QuerySet[Ugc]:
    """The newest first, each with `times` it was made into a material."""
    rows: QuerySet[Ugc] = Ugc.objects.visible_to(user).select_related("member", "koc")
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    found: QuerySet[Ugc] = rows.annotate(times=Count("uses")).order_by("-pk")
    return found


def counts(user: User) -> Mapping[str, int]:
    """Pieces by state."""
    rows = Ugc.objects.visible_to(user).order_by().values("state").annotate(pieces=Count("pk"))
    return {row["state"]: row["pieces"] for row in rows}


def consent_to_publish(member_id: int) -> int | None:
    """The event by which she agreed to publishing, if it holds now and she is not restricted to storing."""
    said = held(states_of(member_id), Purpose.PUBLISH, Channel.ANY)
    if said is None or not said.is_grant or is_restricted(member_id):
        return None
    return said.event_id


def is_over(piece: Ugc, today: date) -> bool:
    """Whether its last day has passed."""
    return piece.until is not None and piece.until < today


def withdrawn_pieces() -> list[int]:
    """Pieces whose author has withdrawn her consent since; some hundreds at once."""
    return _found(WITHDRAWN)


def restricted_pieces() -> list[int]:
    """Pieces whose author's data may only be stored, whatever she agreed to; some hundreds at once."""
    return _found(RESTRICTED)


def _found(statement: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [LOT])
        return [number for (number,) in cursor.fetchall()]


def ended_pieces(today: date) -> list[int]:
    rows = Ugc.objects.filter(state__in=LIVE, until__lt=today).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:LOT])


def uses_of(pieces: Iterable[Ugc]) -> dict[int, list[Use]]:
    """By piece; two queries however many there are."""
    uses = list(UgcUse.objects.filter(ugc__in=list(pieces)).select_related("material").order_by("-pk"))
    slots: dict[int, list[Slot]] = {}
    rows = Slot.objects.filter(version__material__in=[use.material_id for use in uses])
    for slot in rows.select_related("version", "owner", "type").order_by("-planned_at"):
        if slot.version is not None:
            slots.setdefault(slot.version.material_id, []).append(slot)
    found: dict[int, list[Use]] = {}
    for use in uses:
        found.setdefault(use.ugc_id, []).append(Use(use=use, slots=tuple(slots.get(use.material_id, ()))))
    return found


def ending_soon(user: User, *, today: date, until: date) -> QuerySet[Ugc]:
    """Pieces that may be used and whose last day comes by then."""
    rows = Ugc.objects.visible_to(user).filter(state=UgcState.APPROVED, until__gte=today, until__lte=until)
    return rows.order_by("until", "pk")
