"""A draw is run at its hour: the seed opens and decides. Whoever doubts it has it computed anew."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import User
from audit.rules import Changes
from audit.services import record
from core.services.surprises import each_by_itself
from core.templatetags.scrm import moment_text
from loyalty.enums import DrawState
from loyalty.errors import DrawTooEarly, OfferStateWrong
from loyalty.models import Draw, DrawWinner, Prize
from loyalty.rules.drawing import Tally, Won, winners_of
from loyalty.selectors.draws import RUN, entries_of, prizes_of, verify
from loyalty.services.draws.seeds import open_seed
from loyalty.services.draws.voiding import ASKED, forget_request


@transaction.atomic
def run_draw(*, draw: Draw, by: User | None, now: datetime) -> Draw:
    """Open the seed and find the winners (`rules.drawing`); prizes that nobody wins are free again.

    A draw without entries ends as such. Raises DrawTooEarly, or OfferStateWrong where it was run before.
    """
    draw = Draw.objects.select_for_update().get(pk=draw.pk)
    if draw.state != DrawState.PUBLISHED:
        raise OfferStateWrong
    if now < draw.draws_at:
        raise DrawTooEarly(DrawTooEarly.message % {"moment": moment_text(draw.draws_at, now)})
    seed = open_seed(draw)
    tally = Tally()
    won = winners_of(seed=seed, draw=draw.pk, entries=tally.passing(entries_of(draw)), prizes=prizes_of(draw))
    DrawWinner.objects.bulk_create(
        [DrawWinner(draw=draw, place=each.place, entry_id=each.entry, prize_id=each.prize) for each in won],
        batch_size=5_000,
    )
    _free_what_nobody_won(draw, won)
    draw.seed, draw.entries_hash, draw.entries_count, draw.drawn_at = seed, tally.fingerprint, tally.count, now
    draw.state = DrawState.DRAWN if tally.count else DrawState.EMPTY
    changes: Changes = {
        "state": [DrawState.PUBLISHED, draw.state],
        "entries": [None, tally.count],
        "winners": [None, len(won)],
    }
    if draw.void_asked_at is not None:
        changes["void_notice"] = [draw.void_notice, None]
        forget_request(draw)
    draw.save(update_fields=["seed", "entries_hash", "entries_count", "drawn_at", "state", *ASKED])
    return _prove(draw, action="loyalty.run_draw", changes=changes, by=by, now=now)


@transaction.atomic
def prove_draw(*, draw: Draw, by: User, now: datetime) -> Draw:
    """Compute a draw anew and keep what came out. Raises OfferStateWrong before it was run."""
    draw = Draw.objects.select_for_update().get(pk=draw.pk)
    if draw.state not in RUN:
        raise OfferStateWrong
    return _prove(draw, action="loyalty.prove_draw", changes={}, by=by, now=now)


def _prove(draw: Draw, *, action: str, changes: Changes, by: User | None, now: datetime) -> Draw:
    """From what the database holds now, not from what is in our hands.

    The database keeps an outcome only if an act of this transaction says the same (`loyalty_keep_proof`): record first.
    """
    proof, before = verify(draw), draw.proof
    draw.proof, draw.proved_at = proof.fits if proof else {}, now
    found: Changes = {name: [before.get(name), fits] for name, fits in draw.proof.items()}
    record(by=by, action=action, obj=draw, changes={**changes, **found}, at=now)
    draw.save(update_fields=["proof", "proved_at"])
    return draw


def run_due_draws(*, now: datetime) -> int:
    """Run every draw whose hour has come, each in a transaction of its own; answers how many. One that fails stops none."""
    due = Draw.objects.filter(state=DrawState.PUBLISHED, draws_at__lte=now).order_by("pk")
    return sum(each_by_itself(list(due), lambda draw: _run_unless_done(draw, now)))


def _run_unless_done(draw: Draw, now: datetime) -> bool:
    try:
        run_draw(draw=draw, by=None, now=now)
    except OfferStateWrong:
        return False
    return True


def _free_what_nobody_won(draw: Draw, won: Sequence[Won]) -> None:
    for prize, quantity in sorted(prizes_of(draw)):
        left = quantity - sum(each.prize == prize for each in won)
        if left:
            Prize.objects.filter(pk=prize).update(reserved=F("reserved") - left)
