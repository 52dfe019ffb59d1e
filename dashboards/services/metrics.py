"""Metrics made and changed, each time as a version with a reason."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from dashboards.enums import GoodSide
from dashboards.errors import FormulaNotValid, MetricChanged, MetricNotValid
from dashboards.models import MetricDefinition, MetricVersion
from dashboards.rules.formula import check_names, read_formula
from dashboards.services.snapshots import TASK
from timeline.models import facts

#: A change of these makes earlier snapshots another metric's.
COUNTED = frozenset({"formula", "window_days", "comparison"})
EDITED = (
    *("level", "position", "name_zh", "name_en", "words_zh", "words_en", "formula", "window_days", "comparison"),
    *("unit", "good_side", "low", "high", "tolerance", "owner", "advice_zh", "advice_en", "is_active"),
)
LARGEST = Decimal(10) ** 11
LONGEST_REASON = 300


@transaction.atomic
def create_metric(
    *, code: str, values: Mapping[str, Any], reason: str = "", by: User | None, now: datetime
) -> MetricDefinition:
    """Raises MetricNotValid."""
    _check_reason(reason)
    metric = MetricDefinition(code=code.strip().lower(), **values)
    check_metric(metric)
    try:
        with transaction.atomic():
            metric.save(force_insert=True)
    except IntegrityError as error:
        raise MetricNotValid(fields={"code": [_("There is a metric with this code already.")]}) from error
    _keep_version(metric, by, reason, now)
    changes = {name: [None, _said(getattr(metric, name))] for name in ("code", "formula", "window_days", "low", "high")}
    record(by=by, action="dashboards.create_metric", obj=metric, changes=changes, reason=reason, at=now)
    _ask_worker()
    return metric


@transaction.atomic
def change_metric(
    *, metric: MetricDefinition, values: Mapping[str, Any], version: int, reason: str, by: User | None, now: datetime
) -> dict[str, list[Any]]:
    """Set `values`; answers what differs. `version` is the one that was looked at.

    Raises MetricNotValid, or MetricChanged where somebody was quicker. Another formula, window or comparison is
    computed for the days gone by soon after.
    """
    locked = MetricDefinition.objects.select_for_update().get(pk=metric.pk)
    if locked.version != version:
        raise MetricChanged
    changes = {}
    for name, value in values.items():
        if getattr(locked, name) != value:
            changes[name] = [_said(getattr(locked, name)), _said(value)]
            setattr(locked, name, value)
    check_metric(locked)
    if not changes:
        return {}
    if not reason.strip():
        raise MetricNotValid(fields={"reason": [_("Say why.")]})
    _check_reason(reason)
    locked.version += 1
    locked.counted_as += bool(COUNTED & changes.keys())
    locked.save()
    _keep_version(locked, by, reason, now)
    record(by=by, action="dashboards.change_metric", obj=locked, changes=changes, reason=reason, at=now)
    if (COUNTED | {"is_active"}) & changes.keys():
        _ask_worker()
    return changes


def check_metric(metric: MetricDefinition) -> None:
    """Raises MetricNotValid with what is wrong with which field."""
    faults: dict[str, list[Any]] = {}
    try:
        check_names(read_formula(metric.formula), {fact.code: fact for fact in facts})
    except FormulaNotValid as refused:
        faults["formula"] = [refused.message]
    if not 1 <= metric.window_days <= 366:  # noqa: PLR2004  # as the table has it
        faults["window_days"] = [_("Between 1 and 366 days.")]
    if not 0 <= metric.tolerance <= 1:
        faults["tolerance"] = [_("Between 0 and 100 %.")]
    faults |= _faults_of_texts(metric) | _faults_of_range(metric)
    if faults:
        raise MetricNotValid(fields=faults)


def _check_reason(reason: str) -> None:
    if len(reason.strip()) > LONGEST_REASON:
        raise MetricNotValid(fields={"reason": [_("At most %(most)d characters.") % {"most": LONGEST_REASON}]})


def _faults_of_texts(metric: MetricDefinition) -> dict[str, list[Any]]:
    faults: dict[str, list[Any]] = {}
    if not metric.name_zh.strip() and not metric.name_en.strip():
        faults["name_zh"] = [_("Give it a name, in one of the two languages at least.")]
    for name in ("code", "name_zh", "name_en", "words_zh", "words_en", "advice_zh", "advice_en"):
        most = getattr(MetricDefinition._meta.get_field(name), "max_length", None) or 0
        if len(getattr(metric, name)) > most:
            faults[name] = [_("At most %(most)d characters.") % {"most": most}]
    if not metric.code.replace("_", "").replace("-", "").isalnum() or not metric.code.isascii():
        faults["code"] = [_("Letters from a to z, digits, - and _ only.")]
    return faults


def _faults_of_range(metric: MetricDefinition) -> dict[str, list[Any]]:
    low, high = metric.low, metric.high
    for name, bound in (("low", low), ("high", high)):
        if bound is not None and abs(bound) > LARGEST:
            return {name: [_("That is larger than any value here.")]}
    if low is not None and high is not None and high < low:
        return {"high": [_("The upper end lies at or above the lower one.")]}
    if metric.good_side == GoodSide.HIGHER and low is None and high is not None:
        return {"low": [_("Where higher is better, the lower end says what is healthy.")]}
    if metric.good_side == GoodSide.LOWER and high is None and low is not None:
        return {"high": [_("Where lower is better, the upper end says what is healthy.")]}
    return {}


def _ask_worker() -> None:
    """The days gone by, soon; without a worker the nightly run does it."""
    transaction.on_commit(lambda: current_app.send_task(TASK, queue="bulk"), robust=True)


def _keep_version(metric: MetricDefinition, by: User | None, reason: str, now: datetime) -> None:
    definition = {name: _said(getattr(metric, name)) for name in EDITED}
    label = "" if by is None else str(by)
    MetricVersion.objects.create(
        metric=metric, version=metric.version, definition=definition, at=now, by_label=label, reason=reason.strip()
    )


def _said(value: Any) -> Any:
    """As it stands in JSON and in the record of acts."""
    if isinstance(value, User):
        return str(value)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
