"""What a form says, as values; what cannot be read is named beside its field."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from core.moments import NO_MOMENT, read_moment
from core.rules.whole import INTEGER, whole_in

LONGEST_NUMBER = 9
LONGEST_AMOUNT = 14


class Reader:
    """Reads typed texts and gathers faults by field; an empty text is None."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.faults: dict[str, list[str]] = {}

    def text(self, name: str, limit: int) -> str:
        value = self.typed.get(name, "").replace("\x00", "").strip()
        if len(value) > limit:
            self.faults[name] = [_("Between 1 and %(limit)d characters.") % {"limit": limit}]
        return value[:limit]

    def whole(self, name: str) -> int | None:
        value = self.typed.get(name, "").replace(",", "").strip()
        found = whole_in(value, most=INTEGER)
        if value and found is None:
            self.faults[name] = [_("A whole number from 0 to %(most)s is expected.") % {"most": f"{INTEGER:,}"}]
        return found

    def amount(self, name: str) -> Decimal | None:
        value = self.typed.get(name, "").replace(",", "").replace("¥", "").strip()
        if not value:
            return None
        try:
            found = Decimal(value) if len(value) <= LONGEST_AMOUNT else None
        except InvalidOperation:
            found = None
        if found is None or not found.is_finite() or found.adjusted() >= LONGEST_NUMBER or found != round(found, 2):
            self.faults[name] = [_("This is not an amount with at most two decimals.")]
            return None
        return found

    def moment(self, name: str, held: datetime | None = None) -> datetime | None:
        """Local time as a browser sends it. A field shows minutes: the minute of what is held means what is held."""
        found = read_moment(self.typed.get(name, ""))
        if found is None:
            self.faults[name] = [str(NO_MOMENT)]
        return held if held is not None and found == held.replace(second=0, microsecond=0) else found


def typed_moment(value: datetime | None) -> str:
    """As a browser's field takes it."""
    return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M") if value else ""


def typed_plain(value: object) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
