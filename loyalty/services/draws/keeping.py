"""The rules of a draw: drafted, reviewed, and published with the fingerprint of a seed that nobody has seen."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import Changes, changes_between
from audit.services import record
from compliance.models import Review
from compliance.services.reviews import read_text, submit
from loyalty.enums import DrawState
from loyalty.errors import (
    DrawInvalid,
    OfferChanged,
    OfferStateWrong,
    PrizesShort,
    TextNotApproved,
)
from loyalty.models import Draw, DrawPrize, Prize
from loyalty.rules.drawing import Promised, hash_of_prizes
from loyalty.rules.source import NOWHERE, Source
from loyalty.selectors.draws import RUN, prizes_of, promised_by
from loyalty.selectors.prizes import offer_settings
from loyalty.services.draws.seeds import make_seed
from loyalty.services.reviewing import DRAW, text_is_approved

MOST_CHANCES = 100
MOST_WINNERS = 100_000
LONGEST = {"name": 60, "conditions": 2000, "handing_over": 1000, "organiser": 200}


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

    Raises what `compliance.services.reviews.submit` raises, OfferStateWrong for a draw that is over, and for a draft
    DrawInvalid or PrizesShort: what cannot be published need not be read.
    """
    draw = Draw.objects.get(pk=draw.pk)
    if draw.state in {*RUN, DrawState.VOIDED}:
        raise OfferStateWrong
    if draw.state == DrawState.DRAFT:
        _require_lawful(draw, now)
        _require_pieces(draw)
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
    draw.seed_hash, draw.sealed_seed = make_seed(draw)
    draw.prizes_hash = hash_of_prizes(promised)
    draw.state, draw.published_at = DrawState.PUBLISHED, now
    draw.save(update_fields=["seed_hash", "prizes_hash", "sealed_seed", "state", "published_at"])
    changes: Changes = {
        "state": [DrawState.DRAFT, DrawState.PUBLISHED],
        "seed_hash": [None, draw.seed_hash],
        "prizes_hash": [None, draw.prizes_hash],
    }
    record(by=by, action="loyalty.publish_draw", obj=draw, changes=changes, at=now)
    return draw


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


def _require_pieces(draw: Draw) -> None:
    """As things stand; publishing asks again, and takes them."""
    short = draw.prizes.filter(quantity__gt=F("prize__stock") - F("prize__reserved")).order_by("prize_id")
    if names := list(short.values_list("prize__name", flat=True)):
        raise PrizesShort(PrizesShort.message % {"prizes": ", ".join(names)})


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
