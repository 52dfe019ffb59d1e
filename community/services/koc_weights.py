"""How scores are made, which levels there are and what KOC agree to: changed with a reason, in versions where it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import Changes, changes_between
from audit.services import record
from community.enums.koc import AgreementKind, Fact, Part
from community.errors.koc import AgreementNotValid, ReasonMissing, WeightsNotValid
from community.models import KocAgreement, KocSettings, LevelRule, ScoreScale, ScoreWeights
from community.rules.koc_scoring import FACTS_OF, PARTS, SCALED, Scale, Weighing
from community.selectors.koc_scores import weighing_of, weights_in_force
from community.selectors.kocs import agreement_in_force

MOST_WEIGHT = 1000
LONGEST_TEXT, SHORTEST_TEXT = 10_000, 50
HALF_LIMIT = Decimal(10_000_000)
RULE_FIELDS = ("enter_score", "enter_days", "keep_score", "keep_days")
DAYS = {"invite_days": (1, 90), "rest_days": (0, 730), "effect_days": (14, 180)}
HOPES = {"lift_low": "lift_high", "ugc_low": "ugc_high"}
SETTINGS_FIELDS = (*DAYS, "lift_low", "lift_high", "ugc_low", "ugc_high")
MOST_HOPED = 1000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody wants the next version to be."""

    weights: Mapping[Part, int]
    scales: Mapping[Fact, Scale]
    window_days: int
    share_low: Decimal
    share_high: Decimal

    @property
    def weighing(self) -> Weighing:
        return Weighing(version=0, weights=self.weights, scales=self.scales, window_days=self.window_days)


def draft_in_force() -> Draft:
    weights = weights_in_force()
    weighing = weighing_of(weights)
    return Draft(
        weights=weighing.weights,
        scales=weighing.scales,
        window_days=weights.window_days,
        share_low=weights.share_low,
        share_high=weights.share_high,
    )


def require_usable(draft: Draft) -> None:
    """Raises WeightsNotValid with every fault beside its field."""
    faults = _faults_of_numbers(draft)
    if not faults and sum(draft.weights.values()) == 0:
        faults["weights"] = [_("The weights sum to 0, so nothing would count. Give at least one part a weight.")]
    faults |= _empty_parts(draft) if not faults else {}
    if not 7 <= draft.window_days <= 365:  # noqa: PLR2004  # a week, a year
        faults["window_days"] = [_("Between 7 and 365 days.")]
    if not 0 < draft.share_low <= draft.share_high <= 100:  # noqa: PLR2004  # percent
        faults["share_low"] = [_("From more than 0 to 100 %, the lower end first.")]
    if faults:
        raise WeightsNotValid(fields=faults)


@transaction.atomic
def save_weights(*, draft: Draft, reason: str, by: User | None, now: datetime) -> ScoreWeights | None:
    """The next version, in force from the next run on; None where nothing differs. Raises WeightsNotValid, ReasonMissing."""
    require_usable(draft)
    _one_at_a_time()
    before = draft_in_force()
    changes = changes_between(_plain(before), _plain(draft))
    if not changes:
        return None
    _require_reason(reason)
    weights = ScoreWeights.objects.create(
        version=weights_in_force().version + 1,
        window_days=draft.window_days,
        share_low=draft.share_low,
        share_high=draft.share_high,
        reason=reason.strip()[:300],
        by=by,
        at=now,
        **{part.value: value for part, value in draft.weights.items()},
    )
    ScoreScale.objects.bulk_create(
        ScoreScale(weights=weights, fact=fact, half=scale.half, share=scale.share)
        for fact, scale in draft.scales.items()
    )
    record(by=by, action="community.change_weights", obj=weights, changes=changes, reason=reason.strip(), at=now)
    return weights


@transaction.atomic
def change_levels(
    *,
    rules: Mapping[str, Mapping[str, Any]],
    settings: Mapping[str, Any],
    reason: str,
    by: User | None,
    now: datetime,
) -> Changes:
    """Set the rules of levels and the settings of KOC; answers what differs. Raises WeightsNotValid, ReasonMissing."""
    _require_levels(rules, settings)
    row = _one_at_a_time()
    found = list(LevelRule.objects.select_for_update().order_by("pk"))
    before = {f"{rule.level}.{name}": str(getattr(rule, name)) for rule in found for name in RULE_FIELDS}
    before |= {name: str(getattr(row, name)) for name in SETTINGS_FIELDS}
    for rule in found:
        for name, value in rules.get(rule.level, {}).items():
            setattr(rule, name, value)
    for name, value in settings.items():
        setattr(row, name, value)
    after = {f"{rule.level}.{name}": _like(getattr(rule, name)) for rule in found for name in RULE_FIELDS}
    after |= {name: _like(getattr(row, name)) for name in SETTINGS_FIELDS}
    changes = changes_between(before, after)
    if changes:
        _require_reason(reason)
        for rule in found:
            rule.save(update_fields=RULE_FIELDS)
        row.save(update_fields=SETTINGS_FIELDS)
        record(by=by, action="community.change_koc_levels", obj=row, changes=changes, reason=reason.strip(), at=now)
    return changes


@transaction.atomic
def publish_agreement(*, kind: AgreementKind, text: str, reason: str, by: User, now: datetime) -> KocAgreement:
    """The next version of a text that KOC agree to; who agreed to an older one stays with that one.

    Raises AgreementNotValid, ReasonMissing.
    """
    said = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not SHORTEST_TEXT <= len(said) <= LONGEST_TEXT:
        words = _("Between %(low)s and %(high)s characters.") % {"low": SHORTEST_TEXT, "high": f"{LONGEST_TEXT:,}"}
        raise AgreementNotValid(fields={"text": [words]})
    _one_at_a_time()
    latest = agreement_in_force(kind)
    if latest.text == said:
        raise AgreementNotValid(fields={"text": [_("These are the words of the version in force.")]})
    _require_reason(reason)
    agreement = KocAgreement.objects.create(
        kind=kind,
        version=latest.version + 1,
        text=said,
        hash=sha256(said.encode()).hexdigest(),
        published_at=now,
        by=by,
    )
    changes: Changes = {"version": [latest.version, agreement.version], "hash": [latest.hash, agreement.hash]}
    record(by=by, action="community.publish_agreement", obj=agreement, changes=changes, reason=reason.strip(), at=now)
    return agreement


def _faults_of_numbers(draft: Draft) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for part in PARTS:
        if not 0 <= draft.weights[part] <= MOST_WEIGHT:
            faults[part] = [_("Between 0 and 1,000.")]
    for fact in SCALED:
        scale = draft.scales[fact]
        if not 0 < scale.half < HALF_LIMIT or not 0 <= scale.share <= MOST_WEIGHT:
            faults[fact] = [_("What gives 50 points is more than 0, and the weight from 0 to 1,000.")]
    return faults


def _empty_parts(draft: Draft) -> dict[str, list[str]]:
    """A part that counts but whose facts all count nothing would pull everybody down for no reason."""
    said = [_("The facts of this part sum to 0, but the part has a weight.")]
    return {
        part: said
        for part in PARTS
        if draft.weights[part]
        and any(fact in SCALED for fact in FACTS_OF[part])
        and not sum(draft.scales[fact].share for fact in FACTS_OF[part] if fact in SCALED)
    }


def _require_levels(rules: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]) -> None:
    faults: dict[str, list[str]] = {}
    for level, values in rules.items():
        if not 0 <= values["keep_score"] <= values["enter_score"] <= 100:  # noqa: PLR2004  # points
            faults[level] = [_("Scores lie from 0 to 100, and what keeps a level is not above what opens it.")]
        if not (0 <= values["enter_days"] <= 730 and 1 <= values["keep_days"] <= 365):  # noqa: PLR2004  # days
            faults[level] = [_("Days lie from 0 to 730, and at least 1 for keeping a level.")]
    faults |= _faults_of_settings(settings)
    if faults:
        raise WeightsNotValid(fields=faults)


def _faults_of_settings(settings: Mapping[str, Any]) -> dict[str, list[str]]:
    faults = {
        name: [_("Between %(low)s and %(high)s days.") % {"low": low, "high": high}]
        for name, (low, high) in DAYS.items()
        if not low <= settings[name] <= high
    }
    hopes = {
        name: [_("From 0 to 1,000, the lower end first.")]
        for name, upper in HOPES.items()
        if not 0 <= settings[name] <= settings[upper] <= MOST_HOPED
    }
    return faults | hopes


def _one_at_a_time() -> KocSettings:
    """Versions are evidence, whose rows cannot be locked: the settings' row is held while the next one is numbered."""
    return KocSettings.objects.select_for_update().get_or_create(pk=1)[0]


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})


def _plain(draft: Draft) -> dict[str, str]:
    return {
        **{part.value: str(value) for part, value in draft.weights.items()},
        **{fact.value: f"{scale.half.normalize():f} × {scale.share}" for fact, scale in sorted(draft.scales.items())},
        "window_days": str(draft.window_days),
        "share": f"{draft.share_low.normalize():f}–{draft.share_high.normalize():f} %",
    }


def _like(value: Any) -> str:
    """As the database gives it back."""
    return f"{value:.1f}" if isinstance(value, Decimal) else str(value)
