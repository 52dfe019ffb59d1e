"""From how many persons on which duty begins."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.errors import Text

WARN = 0.8
EDGE = 0.1
"""An estimate within a tenth of an edge is counted exactly."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    persons: int
    label: Text
    duty: Text
    article: Text


THRESHOLDS = (
    Threshold(
        persons=1_000_000,
        label=_("1 million persons"),
        duty=_(
            "Appoint an officer for the protection of personal information and register the officer with the city's "
            "cyberspace office within 30 working days; name the officer in the notice."
        ),
        article=_("PIPL Art. 52; CAC notice of 2025-07-18"),
    ),
    Threshold(
        persons=10_000_000,
        label=_("10 million persons"),
        duty=_(
            "Take on the duties of those who handle important data, and have a compliance audit at least every two years."
        ),
        article=_("Network Data Regulations Art. 28, 30, 32; audit measures of 2025-05-01"),
    ),
)


def is_near_an_edge(persons: int) -> bool:
    """Whether an estimate could be on the wrong side of 80 % or 100 % of a threshold."""
    edges = [each.persons * share for each in THRESHOLDS for share in (WARN, 1.0)]
    return any(abs(persons - edge) <= EDGE * edge for edge in edges)


def state_of(threshold: Threshold, persons: int, *, done_at: datetime | None) -> str:
    """`act` where the duty has begun and is not done, `watch` from 80 % on, else `good`."""
    if persons >= threshold.persons:
        return "good" if done_at else "act"
    return "watch" if persons >= WARN * threshold.persons else "good"
