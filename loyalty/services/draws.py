"""Draws: rules and the fingerprint of the seed are published, entries come, the seed opens and decides."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import Changes, changes_between
from audit.services import Target, record
from compliance.models import Review
from compliance.services.reviews import read_text, submit
from core.keys import derived_sealer
from core.services.surprises import each_by_itself
from core.templatetags.scrm import moment_text
from loyalty.enums import DrawState
from loyalty.errors import (
    ChancesUsed,
    DrawClosed,
    DrawInvalid,
    DrawTooEarly,
    OfferChanged,
    OfferStateWrong,
    PrizesShort,
    TextNotApproved,
)
from loyalty.models import Draw, DrawPrize, DrawWinner, Prize
from loyalty.rules.drawing import Promised, Tally, Won, hash_of_prizes, hash_of_seed, winners_of
from loyalty.rules.source import NOWHERE, Source
from loyalty.selectors.draws import RUN, entries_of, prizes_of, promised_by, verify
from loyalty.selectors.prizes import offer_settings
from loyalty.services.reviewing import DRAW, text_is_approved
from loyalty.services.voiding import ASKED, forget_request
from members.models import Member

SEED_BYTES = 32
PURPOSE = "draw-seed"
MOST_CHANCES = 100
MOST_WINNERS = 100_000
LONGEST_REASON = 80
LONGEST = {"name": 60, "conditions": 2000, "handing_over": 1000, "organiser": 200}
# The draw's row is locked in share mode: whoever runs the draw waits until entries on their way have arrived.
OPEN = """
SELECT max_chances FROM loyalty_draw
WHERE id = %(draw)s AND state = 'published' AND opens_at <= %(now)s AND closes_at > %(now)s FOR SHARE
"""
ENTER = """
WITH held AS (
    SELECT count(*) AS chances, min(id) AS first, max(id) FILTER (WHERE reason = %(reason)s) AS same
    FROM loyalty_drawentry WHERE draw_id = %(draw)s AND member_id = %(member)s
), number AS (SELECT nextval(pg_get_serial_sequence('loyalty_drawentry', 'id')) AS id), entered AS (
    INSERT INTO loyalty_drawentry (id, draw_id, member_id, participant, ordinal, reason, entered_at)
    SELECT number.id, %(draw)s, %(member)s, coalesce(first, number.id), chances + 1, %(reason)s, %(now)s
    FROM held, number WHERE same IS NULL AND chances < %(most)s
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT (SELECT id FROM entered), same, chances FROM held
"""
TURNS = 20


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is published: texts, times, chances for each member, prizes as (number, pieces) in their order."""

    name: str
    conditions: str
    handing_over: str
    organiser: str
    opens_at: datetime
    closes_at: datetime
    draws_at: datetime
    max_chances: int = 1
    prizes: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A chance; `new` is False where the member had it for the same reason already."""

    entry_id: int
    new: bool


PLAIN = tuple(field.name for field in fields(Rules) if field.name != "prizes")


@transaction.atomic
def save_draw(
    *,
    rules: Rules,
    by: User,
    now: datetime,
    draw: Draw | None = None,
    source: Source = NOWHERE,
    version: int | None = None,
) -> Draw:
    """Make a draft, or change one. Published rules do not change.

    Raises DrawInvalid, OfferStateWrong, or OfferChanged where it is not at `version` any more.
    """
    if draw is not None:
        draw = Draw.objects.select_for_update().get(pk=draw.pk)
        if draw.state != DrawState.DRAFT:
            raise OfferStateWrong(_("The rules are published. They do not change any more."))
    faults = _faults(rules)
    if faults:
        raise DrawInvalid(fields=faults)
    action = "loyalty.update_draw" if draw else "loyalty.create_draw"
    before = _plain(draw) if draw else dict.fromkeys([*PLAIN, "prizes"], "")
    draw = draw or Draw(created_at=now, source_kind=source.kind, source_id=source.id, version=0)
    for name in PLAIN:
        value = getattr(rules, name)
        setattr(draw, name, value.replace("\x00", "").strip() if isinstance(value, str) else value)
    changes = changes_between(before, _plain(draw, rules.prizes))
    if changes:
        if version not in {None, draw.version}:
            raise OfferChanged
        draw.version += 1
        draw.save()
        _set_prizes(draw, rules.prizes)
        record(by=by, action=action, obj=draw, changes=changes, at=now)
    _read(draw, by, now)
    return draw


@transaction.atomic
def submit_draw(*, draw: Draw, by: User, now: datetime) -> Review:
    """Hand the rules to the legal reviewers.

    Raises what `compliance.services.reviews.submit` raises, or OfferStateWrong for a draw that is over.
    """
    if Draw.objects.filter(pk=draw.pk, state__in=(*RUN, DrawState.VOIDED)).exists():
        raise OfferStateWrong
    return submit(review=_read(draw, by, now), by=by, now=now)


@transaction.atomic
def publish_draw(*, draw: Draw, by: User | None, now: datetime) -> Draw:
    """Commit to a seed that nobody has seen, and promise the prizes. From here on the rules stand.

    Raises TextNotApproved, DrawInvalid (a prize above the legal cap, times that have passed), PrizesShort, or
    OfferStateWrong.
    """
    draw = Draw.objects.select_for_update().get(pk=draw.pk)
    if draw.state != DrawState.DRAFT:
        raise OfferStateWrong
    _lock_prizes(draw)
    if not text_is_approved(kind=DRAW, object_id=draw.pk, at=now):
        raise TextNotApproved
    _require_lawful(draw, now)
    _reserve(draw)
    promised = promised_by(draw)
    _write_down(draw, promised)
    seed = secrets.token_hex(SEED_BYTES)
    draw.seed_hash, draw.prizes_hash = hash_of_seed(seed), hash_of_prizes(promised)
    draw.sealed_seed = derived_sealer(PURPOSE).seal(seed.encode(), _place(draw))
    draw.state, draw.published_at = DrawState.PUBLISHED, now
    draw.save(update_fields=["seed_hash", "prizes_hash", "sealed_seed", "state", "published_at"])
    changes: Changes = {
        "state": [DrawState.DRAFT, DrawState.PUBLISHED],
        "seed_hash": [None, draw.seed_hash],
        "prizes_hash": [None, draw.prizes_hash],
    }
    record(by=by, action="loyalty.publish_draw", obj=draw, changes=changes, at=now)
    return draw


@transaction.atomic
def enter(*, draw: Draw, member: Member, now: datetime, by: User | None, reason: str = "entry") -> Entered:
    """A chance for the member, one for each reason ("entry", "order:A1"), as many as the rules allow.

    The same reason again is the same chance. Raises DrawClosed before, after, and while nothing is published;
    ChancesUsed.
    """
    values: dict[str, Any] = {"draw": draw.pk, "member": member.pk, "reason": reason[:LONGEST_REASON], "now": now}
    with connection.cursor() as cursor:
        cursor.execute(OPEN, values)
        found = cursor.fetchone()
        if found is None:
            raise DrawClosed
        for _turn in range(TURNS):
            cursor.execute(ENTER, {**values, "most": found[0]})
            entry, same, chances = cursor.fetchone()
            if same is not None:
                return Entered(entry_id=same, new=False)
            if entry is not None:
                return _entered(draw, entry, by=by, now=now)
            if chances >= found[0]:
                break
    raise ChancesUsed


def _entered(draw: Draw, entry: int, *, by: User | None, now: datetime) -> Entered:
    target = Target(object_type="loyalty.drawentry", object_id=entry, label=draw.name)
    record(by=by, action="loyalty.enter_draw", obj=target, changes={"draw": [None, draw.pk]}, at=now)
    return Entered(entry_id=entry, new=True)


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
    seed = derived_sealer(PURPOSE).open(bytes(draw.sealed_seed or b""), _place(draw)).decode()
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


def _faults(rules: Rules) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for name, limit in LONGEST.items():
        if not 0 < len(getattr(rules, name).strip()) <= limit:
            faults[name] = [_("Between 1 and %(limit)d characters.") % {"limit": limit}]
    if rules.closes_at <= rules.opens_at:
        faults["closes_at"] = [_("The end lies after the beginning.")]
    if rules.draws_at < rules.closes_at:
        faults["draws_at"] = [_("The draw comes after the last entry.")]
    if not 1 <= rules.max_chances <= MOST_CHANCES:
        faults["max_chances"] = [_("Between 1 and %(per_member)s.") % {"per_member": MOST_CHANCES}]
    pieces = sum(quantity for _prize, quantity in rules.prizes)
    numbers = {prize for prize, _quantity in rules.prizes}
    if not 1 <= pieces <= MOST_WINNERS or min(quantity for _prize, quantity in rules.prizes) < 1:
        faults["prizes"] = [_("Between 1 and %(most)s pieces.") % {"most": f"{MOST_WINNERS:,}"}]
    elif Prize.objects.filter(pk__in=numbers).count() < len(numbers) or len(numbers) < len(rules.prizes):
        faults["prizes"] = [_("Name each prize once.")]
    return faults


def _set_prizes(draw: Draw, prizes: Sequence[tuple[int, int]]) -> None:
    draw.prizes.all().delete()
    DrawPrize.objects.bulk_create(
        DrawPrize(draw=draw, prize_id=prize, quantity=quantity, position=place)
        for place, (prize, quantity) in enumerate(prizes, 1)
    )


def _require_lawful(draw: Draw, now: datetime) -> None:
    cap = offer_settings().prize_cap
    faults: dict[str, list[str]] = {}
    dear = draw.prizes.filter(prize__value__gt=cap).values_list("prize__name", flat=True)
    if dear:
        words = _("Worth more than the law allows (¥%(cap)s): %(prizes)s.")
        faults["prizes"] = [words % {"cap": f"{cap:,.0f}", "prizes": ", ".join(dear)}]
    if draw.closes_at <= now:
        faults["closes_at"] = [_("This time has passed: nobody could enter.")]
    if faults:
        raise DrawInvalid(fields=faults)


def _lock_prizes(draw: Draw) -> None:
    """Nobody changes a prize between the look at what is approved and the promise."""
    list(Prize.objects.select_for_update().filter(pk__in=draw.prizes.values("prize")).order_by("pk"))


def _write_down(draw: Draw, promised: Sequence[Promised]) -> None:
    for each in promised:
        draw.prizes.filter(prize=each.prize).update(name=each.name, kind=each.kind, value=each.value)


def _reserve(draw: Draw) -> None:
    """Promise the pieces by conditional updates, in the order of the prizes."""
    short = [
        each.prize.name
        for each in draw.prizes.select_related("prize").order_by("prize_id")
        if not Prize.objects.filter(pk=each.prize_id, stock__gte=F("reserved") + each.quantity).update(
            reserved=F("reserved") + each.quantity
        )
    ]
    if short:
        raise PrizesShort(PrizesShort.message % {"prizes": ", ".join(short)})


def _free_what_nobody_won(draw: Draw, won: Sequence[Won]) -> None:
    for prize, quantity in sorted(prizes_of(draw)):
        left = quantity - sum(each.prize == prize for each in won)
        if left:
            Prize.objects.filter(pk=prize).update(reserved=F("reserved") - left)


def _read(draw: Draw, by: User, now: datetime) -> Review:
    return read_text(kind=DRAW, object_id=draw.pk, title=draw.name, by=by, now=now)


def _plain(draw: Draw, prizes: Sequence[tuple[int, int]] | None = None) -> dict[str, str]:
    """In words of the record; `prizes` are those that it is to have, where they are not stored yet."""
    lines = prizes_of(draw) if prizes is None else prizes
    said = ", ".join(f"{prize} × {quantity}" for prize, quantity in lines)
    return {**{name: _said(getattr(draw, name)) for name in PLAIN}, "prizes": said}


def _said(value: object) -> str:
    """A moment is the same in whatever zone it was said."""
    return str(value.astimezone(UTC) if isinstance(value, datetime) else value)


def _place(draw: Draw) -> bytes:
    return f"loyalty.Draw.seed|{draw.pk}".encode()
