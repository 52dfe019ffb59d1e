"""Prizes and how virtual and physical ones are mixed."""

from dataclasses import dataclass

from django.db.models import Sum

from loyalty.enums import DrawState, PrizeKind
from loyalty.models import DrawPrize, OfferSettings, Prize

WHOLE = 100


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Pieces of both kinds, the share of virtual ones (None without any prize), and what is aimed at, in percent."""

    virtual: int
    physical: int
    target: int
    tolerance: int

    @property
    def share(self) -> float | None:
        total = self.virtual + self.physical
        return WHOLE * self.virtual / total if total else None

    @property
    def state(self) -> str:
        if self.share is None:
            return "none"
        return "good" if abs(self.share - self.target) <= self.tolerance else "watch"


def offer_settings() -> OfferSettings:
    """The one row; its defaults where it is missing."""
    return OfferSettings.objects.filter(pk=1).first() or OfferSettings()


def is_promised(prize: Prize) -> bool:
    """Whether the rules of a draw that name it are published, or were."""
    return DrawPrize.objects.filter(prize=prize).exclude(draw__state=DrawState.DRAFT).exists()


def mix() -> Mix:
    rows = Prize.objects.order_by().values("kind").annotate(pieces=Sum("stock"))
    pieces = {row["kind"]: row["pieces"] for row in rows}
    settings = offer_settings()
    return Mix(
        virtual=pieces.get(PrizeKind.VIRTUAL, 0),
        physical=pieces.get(PrizeKind.PHYSICAL, 0),
        target=settings.virtual_share,
        tolerance=settings.mix_tolerance,
    )
