"""Draws: their entries, prizes, winners, and the proof."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from django.db.models import Count, QuerySet

from loyalty.enums import DrawState
from loyalty.models import Draw, DrawEntry, DrawWinner
from loyalty.rules.drawing import (
    Entry,
    Promised,
    Tally,
    Won,
    hash_of_prizes,
    hash_of_seed,
    winners_of,
)

RUN = (DrawState.DRAWN, DrawState.EMPTY)
#: What was published and not drawn, whether its time has come or not.
VOIDABLE = (DrawState.PUBLISHED, DrawState.STOPPED)
FITS = ("seed_fits", "prizes_fit", "entries_fit", "winners_fit")


def entries_of(draw: Draw) -> Iterator[Entry]:
    """Every chance by rising number, without saying whose."""
    rows = DrawEntry.objects.filter(draw=draw).order_by("pk").values_list("pk", "participant")
    return (Entry(number, participant) for number, participant in rows.iterator(chunk_size=20_000))


def prizes_of(draw: Draw) -> list[tuple[int, int]]:
    """Number of the prize and pieces, in their order."""
    return list(draw.prizes.order_by("position").values_list("prize_id", "quantity"))


def promised_by(draw: Draw) -> list[Promised]:
    """The prizes as they were published; those of a draft as they stand."""
    is_draft = draw.state == DrawState.DRAFT
    return [
        Promised(
            prize=line.prize_id,
            quantity=line.quantity,
            kind=line.prize.kind if is_draft else line.kind,
            value=line.prize.value if is_draft or line.value is None else line.value,
            name=line.prize.name if is_draft else line.name,
        )
        for line in draw.prizes.select_related("prize").order_by("position")
    ]


def draws_with_figures() -> QuerySet[Draw]:
    """The newest first, with the number of entries so far."""
    return Draw.objects.annotate(chances=Count("entries")).order_by("-pk")


def participants(draw: Draw) -> int:
    return DrawEntry.objects.filter(draw=draw).values("participant").distinct().count()


def winners(draw: Draw) -> QuerySet[DrawWinner]:
    return draw.winners.select_related("entry__member", "prize").order_by("place")


def names_of_prizes(draw: Draw) -> dict[int, str]:
    """By number of the prize, as published."""
    return {each.prize: each.name for each in promised_by(draw)}


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What somebody who computes a draw again finds, beside what was published and stored."""

    draw: int
    state: str
    seed: str
    seed_hash: str
    seed_fits: bool
    prizes: list[dict[str, int | str]]
    prizes_hash: str
    prizes_fit: bool
    entries: int
    entries_hash: str
    entries_fit: bool
    winners: list[dict[str, int]]
    winners_fit: bool

    @property
    def fits(self) -> dict[str, bool]:
        """What is kept with the draw, by name."""
        return {name: getattr(self, name) for name in FITS}

    @property
    def holds(self) -> bool:
        return all(self.fits.values())


def verify(draw: Draw) -> Proof | None:
    """Compute the draw again from its entries and its seed; None before it was run. It reads every entry."""
    if draw.state not in RUN:
        return None
    tally, promised = Tally(), promised_by(draw)
    entries = tally.passing(entries_of(draw))
    again = winners_of(seed=draw.seed, draw=draw.pk, entries=entries, prizes=prizes_of(draw))
    fits = {
        "seed_fits": hash_of_seed(draw.seed) == draw.seed_hash,
        "prizes_fit": hash_of_prizes(promised) == draw.prizes_hash,
        "entries_fit": (tally.fingerprint, tally.count) == (draw.entries_hash, draw.entries_count),
        "winners_fit": again == _stored(draw),
    }
    return _proof(draw, promised, entries=tally.count, won=again, fits=fits)


def proof_of(draw: Draw) -> Proof | None:
    """The proof with the outcome that was kept when it was computed last; computed now where none was kept."""
    if not draw.proof:
        return verify(draw)
    return _proof(draw, promised_by(draw), entries=draw.entries_count or 0, won=_stored(draw), fits=draw.proof)


def _stored(draw: Draw) -> list[Won]:
    return [Won(*row) for row in draw.winners.order_by("place").values_list("place", "entry_id", "prize_id")]


def _proof(draw: Draw, promised: list[Promised], *, entries: int, won: list[Won], fits: Mapping[str, bool]) -> Proof:
    return Proof(
        draw=draw.pk,
        state=draw.state,
        seed=draw.seed,
        seed_hash=draw.seed_hash,
        prizes=[{**asdict(each), "value": f"{each.value:.2f}"} for each in promised],
        prizes_hash=draw.prizes_hash,
        entries=entries,
        entries_hash=draw.entries_hash,
        winners=[asdict(each) for each in won],
        **{name: fits[name] for name in FITS},
    )
