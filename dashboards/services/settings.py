"""What a brand decides about its insights: always with a reason."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import changes_between
from audit.services import record
from core.rules.whole import whole_in
from dashboards.enums import KpiFigure
from dashboards.errors import ChurnRuleNotValid, InsightSettingsNotValid
from dashboards.models import ChurnRule, InsightSettings, KpiWeight
from segments.enums import AudienceState
from segments.models import Audience, Tier

FIELDS = tuple(each.name for each in InsightSettings._meta.fields if each.editable)
FLAG_TASK = "dashboards.flag_silent"
LARGEST = Decimal(1000)
MOST_DAYS = 90


@transaction.atomic
def change_insight_settings(
    *, values: Mapping[str, int], weights: Mapping[str, Decimal], reason: str, by: User | None, now: datetime
) -> dict[str, list[str]]:
    """Set FIELDS and the weights of figures; answers what differs.

    Raises InsightSettingsNotValid with the fields at fault, for weights that sum to 0, and without a reason.
    """
    settings, _made = InsightSettings.objects.select_for_update().get_or_create(pk=1)
    before = {name: str(getattr(settings, name)) for name in FIELDS}
    for name in FIELDS:
        setattr(settings, name, values.get(name, getattr(settings, name)))
    held = {row.figure: row for row in KpiWeight.objects.select_for_update()}
    wanted: dict[str, Decimal] = {
        figure: weights.get(figure, held[figure].weight if figure in held else Decimal(0)) for figure in KpiFigure
    }
    _refuse(settings, wanted)
    changes = changes_between(before, {name: str(getattr(settings, name)) for name in FIELDS})
    for figure, weight in wanted.items():
        old = held[figure].weight if figure in held else None
        if old != weight:
            changes[f"weight.{figure}"] = ["" if old is None else str(old), str(weight)]
    if not changes:
        return {}
    if not reason.strip():
        raise InsightSettingsNotValid(fields={"reason": [_("Say why, for the record.")]})
    settings.save()
    for figure, weight in wanted.items():
        KpiWeight.objects.update_or_create(figure=figure, defaults={"weight": weight})
    record(
        by=by, action="dashboards.change_insight_settings", obj=settings, changes=changes, reason=reason.strip(), at=now
    )
    return changes


@transaction.atomic
def set_churn_days(*, scope: str, days: int | None, reason: str, by: User | None, now: datetime) -> ChurnRule | None:
    """Set after how many silent days members of `scope` (`all`, `tier:<code>`, `audience:<id>`) are flagged.

    None takes the threshold away, but for everybody's. Members are flagged anew at once by a worker, at the latest with
    the next day's run. Raises ChurnRuleNotValid.
    """
    audience = _audience_of(scope)
    if days is None and scope == "all":
        raise ChurnRuleNotValid(fields={"days": [_("Everybody needs a threshold; set another number of days.")]})
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise ChurnRuleNotValid(fields={"days": [_("Between 1 and 90 days.")]})
    rule = ChurnRule.objects.select_for_update().filter(scope=scope).first()
    old = rule.days if rule else None
    if old == days:
        return rule
    if not reason.strip():
        raise ChurnRuleNotValid(fields={"reason": [_("Say why, for the record.")]})
    changed = _change(rule, scope, audience, days)
    action = "dashboards.remove_churn_days" if days is None else "dashboards.set_churn_days"
    record(by=by, action=action, obj=changed, changes={"days": [old, days]}, reason=reason.strip(), at=now)
    if days is None:
        changed.delete()
    transaction.on_commit(lambda: current_app.send_task(FLAG_TASK, queue="bulk"), robust=True)
    return None if days is None else changed


def _change(rule: ChurnRule | None, scope: str, audience: Audience | None, days: int | None) -> ChurnRule:
    rule = rule or ChurnRule(scope=scope, audience=audience)
    if days is not None:
        rule.days = days
        rule.save()
    return rule


def _audience_of(scope: str) -> Audience | None:
    """The audience that a scope names; raises ChurnRuleNotValid for what is no scope."""
    kind, _colon, name = scope.partition(":")
    number = whole_in(name)
    if kind == "audience" and number is not None:
        found = Audience.objects.filter(pk=number, state=AudienceState.ACTIVE).first()
        if found is not None:
            return found
    elif scope == "all" or (kind == "tier" and Tier.objects.filter(code=name).exists()):
        return None
    raise ChurnRuleNotValid(fields={"scope": [_("There is no such tier or audience.")]})


def _refuse(settings: InsightSettings, weights: Mapping[str, Decimal]) -> None:
    faults: dict[str, Any] = {}
    try:
        settings.clean_fields()
    except ValidationError as error:
        faults |= error.message_dict
    for figure, weight in weights.items():
        if not 0 <= weight < LARGEST or weight != round(weight, 1):
            faults[f"weight.{figure}"] = [_("From 0 to 999.9, with one decimal at most.")]
    if not faults and not sum(weights.values()):
        faults["weights"] = [_("The weights sum to 0: at least one figure has to count.")]
    if faults:
        raise InsightSettingsNotValid(fields=faults)
