"""Prizes: what can be won, how many there are, what they are worth."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from loyalty.enums import PrizeKind
from loyalty.errors import PrizeInvalid
from loyalty.models import Prize
from loyalty.selectors.prizes import is_promised, offer_settings

FIELDS = ("name", "kind", "value", "cost", "stock")
LARGEST = Decimal("99999999.99")
MOST_PIECES = 10_000_000
LONGEST_NAME = 60


@transaction.atomic
def save_prize(
    *,
    name: str,
    kind: str,
    value: Decimal,
    cost: Decimal,
    stock: int,
    by: User | None,
    now: datetime,
    prize: Prize | None = None,
) -> Prize:
    """Make a prize, or change one.

    Raises PrizeInvalid: above the legal cap, fewer pieces than are promised, or another thing than published rules name.
    """
    action = "loyalty.update_prize" if prize else "loyalty.create_prize"
    prize = Prize.objects.select_for_update().get(pk=prize.pk) if prize else Prize()
    before = {field: str(getattr(prize, field)) for field in FIELDS} if prize.pk else dict.fromkeys(FIELDS)
    promised = Prize(name=prize.name, kind=prize.kind, value=prize.value) if prize.pk and is_promised(prize) else None
    prize.name, prize.kind, prize.value, prize.cost, prize.stock = name.strip(), kind, value, cost, stock
    faults = _faults(prize) | (_swapped(promised, prize) if promised else {})
    if faults:
        raise PrizeInvalid(fields=faults)
    prize.save()
    changes = changes_between(before, {field: str(getattr(prize, field)) for field in FIELDS})
    if changes:
        record(by=by, action=action, obj=prize, changes=changes, at=now)
    return prize


def _swapped(promised: Prize, prize: Prize) -> dict[str, list[str]]:
    """What members have read of it stays true: another name or kind, or a lower value, is another prize."""
    words = _("The published rules of a draw name this prize. Add a new prize instead.")
    faults = {name: [words] for name in ("name", "kind") if getattr(promised, name) != getattr(prize, name)}
    return faults | ({"value": [words]} if prize.value < promised.value else {})


def _faults(prize: Prize) -> dict[str, list[str]]:
    cap = offer_settings().prize_cap
    faults: dict[str, list[str]] = {}
    if not 0 < len(prize.name) <= LONGEST_NAME:
        faults["name"] = [_("Between 1 and %(limit)d characters.") % {"limit": LONGEST_NAME}]
    if prize.kind not in PrizeKind.values:
        faults["kind"] = [_("Choose one of the possibilities.")]
    if not Decimal(0) < prize.value <= LARGEST:
        faults["value"] = [_("An amount above ¥0.")]
    elif prize.value > cap:
        faults["value"] = [_("The highest prize of a draw may be worth ¥%(cap)s at most.") % {"cap": f"{cap:,.0f}"}]
    if not Decimal(0) <= prize.cost <= LARGEST:
        faults["cost"] = [_("An amount of ¥0 or more.")]
    if not 1 <= prize.stock <= MOST_PIECES:
        faults["stock"] = [_("Between 1 and %(most)s pieces.") % {"most": f"{MOST_PIECES:,}"}]
    elif prize.stock < prize.reserved:
        words = ngettext(
            "%(count)s piece is promised already.", "%(count)s pieces are promised already.", prize.reserved
        )
        faults["stock"] = [words % {"count": f"{prize.reserved:,}"}]
    return faults
