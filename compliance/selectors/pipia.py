"""Reading assessments: which holds now for a feature, and where each feature stands."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.enums.registers import AssessmentState
from compliance.models import Assessment
from core.registries import Feature, features

SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A feature with its assessments, the latest first; `allowed` is what `require` would say."""

    feature: Feature
    assessments: tuple[Assessment, ...]
    in_force: Assessment | None
    draft: Assessment | None
    now: datetime

    @property
    def allowed(self) -> bool:
        return self.in_force is not None

    @property
    def ends_soon(self) -> bool:
        until = self.in_force.valid_until if self.in_force else None
        return until is not None and until - self.now < SOON


def is_assessed(feature: str, *, now: datetime) -> bool:
    """Whether an approved assessment of it holds at that time. One look into an index."""
    return Assessment.objects.filter(
        feature=feature, state=AssessmentState.APPROVED, approved_at__lte=now, valid_until__gt=now
    ).exists()


def standings(*, now: datetime) -> list[Standing]:
    """Every registered feature, in order; one query."""
    found: dict[str, list[Assessment]] = defaultdict(list)
    for each in Assessment.objects.select_related("written_by", "approved_by").order_by("-number"):
        found[each.feature].append(each)
    return [_standing(feature, found[feature.code], now) for feature in features]


def _standing(feature: Feature, rows: list[Assessment], now: datetime) -> Standing:
    return Standing(
        feature=feature,
        assessments=tuple(rows),
        in_force=next((row for row in rows if _holds(row, now)), None),
        draft=next((row for row in rows if row.is_draft), None),
        now=now,
    )


def _holds(row: Assessment, now: datetime) -> bool:
    return (
        row.state == AssessmentState.APPROVED
        and row.approved_at is not None
        and row.valid_until is not None
        and row.approved_at <= now < row.valid_until
    )
