"""Draws: their entries, prizes, winners, and the proof."""

from dataclasses import asdict, dataclass

from django.db.models import Count, QuerySet

from loyalty.enums import DrawState
from loyalty.models import Draw, DrawEntry, DrawWinner
from loyalty.rules.drawing import Entry, Won, hash_of_entries, hash_of_seed, winners_of


def entries_of(draw: Draw) -> list[Entry]:
    """Every chance, without saying whose."""
    rows = DrawEntry.objects.filter(draw=draw).order_by("pk").values_list("pk", "participant")
    return [Entry(number, participant) for number, participant in rows.iterator(chunk_size=20_000)]


def prizes_of(draw: Draw) -> list[tuple[int, int]]:
    """Number of the prize and pieces, in their order."""
    return list(draw.prizes.order_by("position").values_list("prize_id", "quantity"))


def draws_with_figures() -> QuerySet[Draw]:
    """The newest first, with the number of entries so far."""
    return Draw.objects.annotate(chances=Count("entries")).order_by("-pk")


def participants(draw: Draw) -> int:
    return DrawEntry.objects.filter(draw=draw).aggregate(count=Count("participant", distinct=True))["count"]


def winners(draw: Draw) -> QuerySet[DrawWinner]:
    return draw.winners.select_related("entry__member", "prize").order_by("place")


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What somebody who computes a draw again finds, beside what was published and stored."""

    draw: int
    state: str
    seed: str
    seed_hash: str
    seed_fits: bool
    entries: int
    entries_hash: str
    entries_fit: bool
    winners: list[dict[str, int]]
    winners_fit: bool

    @property
    def holds(self) -> bool:
        return self.seed_fits and self.entries_fit and self.winners_fit


def verify(draw: Draw) -> Proof | None:
    """Compute the draw again from its entries and its seed; None before it was run."""
    if draw.state not in {DrawState.DRAWN, DrawState.EMPTY}:
        return None
    entries = entries_of(draw)
    again = winners_of(seed=draw.seed, draw=draw.pk, entries=entries, prizes=prizes_of(draw))
    stored = [Won(*row) for row in draw.winners.order_by("place").values_list("place", "entry_id", "prize_id")]
    return Proof(
        draw=draw.pk,
        state=draw.state,
        seed=draw.seed,
        seed_hash=draw.seed_hash,
        seed_fits=hash_of_seed(draw.seed) == draw.seed_hash,
        entries=len(entries),
        entries_hash=draw.entries_hash,
        entries_fit=hash_of_entries(entries) == draw.entries_hash and len(entries) == draw.entries_count,
        winners=[asdict(each) for each in again],
        winners_fit=again == stored,
    )
