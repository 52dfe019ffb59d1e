"""Measuring what KOC changed, on the facts of the days before and after; weekly, and when somebody asks."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel
from accounts.models import User
from accounts.services import send_notice
from audit.services import Target, record
from community.enums.koc import Outcome, Treated
from community.errors.koc import ScoringRunning
from community.models import EffectFigure, EffectRun, KocEffect, KocSettings
from community.rules.koc_effect import Array, Effect, Matches, Side, beside, effect_of, match
from community.rules.koc_effect_sql import (
    BEGAN,
    FACTS_SQL,
    POOL,
    RECORDS,
    RECORDS_SQL,
    SAMPLE,
    START,
    pool_sql,
    sample_sql,
    start_sql,
)
from community.selectors.koc_scores import koc_settings
from core.services.claims import claimed
from core.services.waking import wake_after_commit

TASK = "community.measure_koc"
QUEUE = "bulk"
MEMORY = "128MB"
EVERY = timedelta(days=7)
#: What stood beside each KOC goes after so long; the figures of everybody stay.
KEPT = timedelta(days=180)
#: Of the treated at most so many are measured, and so many others in all are looked at: more narrows no interval much.
MOST, LARGEST_SAMPLE, PLACES = 20_000, 150_000, 4_000
SPEAKERS = 0.8
COLUMNS = 14
BESIDE = (Outcome.SPEND, Outcome.ORDERS, Outcome.UGC)


@dataclass(frozen=True)
class Measured:
    """The rows of one question: what they are matched on, and before and after by outcome."""

    treated: Array
    koc: Array
    cluster: Array
    stratum: Array
    covariates: Array
    outcomes: dict[Outcome, tuple[Array, Array]]

    def side(self, outcome: Outcome, *, treated: bool) -> Side:
        rows = self.treated == treated
        before, after = self.outcomes[outcome]
        return Side(
            covariates=self.covariates[rows],
            stratum=self.stratum[rows],
            cluster=self.cluster[rows],
            before=before[rows],
            after=after[rows],
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """One figure, and what stood beside each KOC."""

    figure: dict[str, Any]
    beside: list[KocEffect]


@transaction.atomic
def ask_to_measure(*, by: User, now: datetime) -> None:
    """Have the effect measured now; asking twice at once is asking once."""
    settings, _made = KocSettings.objects.select_for_update().get_or_create(pk=1)
    if settings.effect_asked_at is None:
        settings.effect_asked_at, settings.effect_asked_by = now, by
        settings.save(update_fields=["effect_asked_at", "effect_asked_by"])
        record(by=by, action="community.ask_to_measure", obj=settings, at=now)
        wake_after_commit(TASK, queue=QUEUE)


def measure_if_due(*, now: datetime) -> EffectRun | None:
    """The week's measurement, or the one that was asked for; None where neither is due or another worker is at it.

    One that fails is no longer asked for: whoever asked is told, and the week's own is tried again.
    """
    with claimed(TASK) as mine:
        settings = KocSettings.objects.select_related("effect_asked_by").first()
        asked = settings is not None and settings.effect_asked_at is not None
        latest = EffectRun.objects.first()
        if not mine or (not asked and latest is not None and latest.as_of > now - EVERY):
            return None
        try:
            return measure(by=settings.effect_asked_by if settings else None, now=now)
        except ScoringRunning:
            return None
        except Exception:
            _give_up(now)
            raise


def measure(*, by: User | None, now: datetime) -> EffectRun:
    """Every outcome for KOC and for the members around them. Raises ScoringRunning while another one is under way.

    Facts are read and people matched outside of the transaction that keeps the figures, for what writes is waited for.
    """
    with claimed(TASK) as mine:
        if not mine:
            raise ScoringRunning
        began = time.perf_counter()
        days = koc_settings().effect_days
        last_day = timezone.localtime(now).date() - timedelta(days=days)
        values = {"days": days, "last_day": last_day, "zone": timezone.get_default_timezone_name()}
        begun = _first_days(values)
        due = sum(day <= last_day for day in begun)
        found = [each for treated in Treated for each in _measure(treated, values)]
        run = EffectRun(as_of=now, days=days, observed=due, not_due=len(begun) - due, by=by)
        run.seconds = round(time.perf_counter() - began, 3)
        return _keep(run, found, by=by, now=now)


@transaction.atomic
def _keep(run: EffectRun, found: Sequence[Found], *, by: User | None, now: datetime) -> EffectRun:
    run.save()
    for each in found:
        EffectFigure.objects.create(run=run, **each.figure)
        for row in each.beside:
            row.run = run
        KocEffect.objects.bulk_create(each.beside, batch_size=5_000)
    KocEffect.objects.filter(run__as_of__lt=now - KEPT).delete()
    KocSettings.objects.filter(pk=1).update(effect_asked_at=None, effect_asked_by=None)
    if by is not None:
        target = Target(object_type="community.effectrun", object_id=run.pk, changes={"observed": [None, run.observed]})
        record(by=by, action="community.measure_koc", obj=target, at=now)
    return run


def _first_days(values: dict[str, Any]) -> list[date]:
    """On which each of them became a KOC for the first time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT day FROM ({BEGAN}) AS began", values)  # noqa: S608  # a statement of ours
        return [day for (day,) in cursor.fetchall()]


@transaction.atomic
def _give_up(now: datetime) -> None:
    """Nobody waits any longer for a measurement that does not come; the traceback is in the log of the worker."""
    settings = KocSettings.objects.select_for_update(of=("self",)).select_related("effect_asked_by").first()
    if settings is None or settings.effect_asked_at is None:
        return
    asked_by, settings.effect_asked_at, settings.effect_asked_by = settings.effect_asked_by, None, None
    settings.save(update_fields=["effect_asked_at", "effect_asked_by"])
    if asked_by is not None:
        send_notice(
            to=[asked_by],
            key=f"koc-effect-failed-{now.isoformat()}",
            title=_("The effect of KOC could not be measured"),
            body=_("The last figures stand. Ask again; if it fails once more, tell your administrator."),
            url=reverse("community:koc_effect"),
            level=NoticeLevel.ACT,
            now=now,
        )


def _measure(treated: Treated, values: dict[str, Any]) -> Iterator[Found]:
    measured = _facts(treated, values)
    pairs: Matches | None = None
    for outcome in Outcome:
        mine, others = measured.side(outcome, treated=True), measured.side(outcome, treated=False)
        pairs = match(mine, others) if pairs is None else pairs
        told = treated == Treated.KOC and outcome in BESIDE
        yield Found(
            figure=_figure(treated, outcome, effect_of(mine, others, pairs)),
            beside=_each(outcome, measured, pairs) if told else [],
        )


def _figure(treated: Treated, outcome: Outcome, effect: Effect) -> dict[str, Any]:
    names = ("people", "matched", "controls", "before", "after", "control_before", "control_after")
    values = {name: getattr(effect, name) for name in (*names, "effect", "low", "high", "reason")}
    return {"treated": treated, "outcome": outcome, **values}


def _each(outcome: Outcome, measured: Measured, pairs: Matches) -> list[KocEffect]:
    mine, others = measured.side(outcome, treated=True), measured.side(outcome, treated=False)
    kocs = measured.koc[measured.treated]
    return [
        KocEffect(
            koc_id=int(kocs[row]),
            outcome=outcome,
            controls=count,
            before=float(mine.before[row]),
            after=float(mine.after[row]),
            control_before=before,
            control_after=after,
        )
        for row, count, before, after in beside(others, pairs)
    ]


def _facts(treated: Treated, values: dict[str, Any]) -> Measured:
    _stage(treated, values)
    return _as_arrays(_read(values))


@transaction.atomic
def _stage(treated: Treated, values: dict[str, Any]) -> None:
    """Who is compared. The tables outlive this transaction, so that the facts are read in one that writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        _make(cursor, START, start_sql(treated), values)
        _make(cursor, POOL, pool_sql(treated), values)
        cursor.execute(f"SELECT count(DISTINCT day) FROM {START} WHERE day <= %(last_day)s", values)  # noqa: S608  # a name of ours
        places = min(PLACES, LARGEST_SAMPLE // max(cursor.fetchone()[0], 1))
        shares = {"most": MOST, "speakers": places * SPEAKERS, "others": places * (1 - SPEAKERS)}
        _make(cursor, SAMPLE, sample_sql(treated), {**values, **shares})
        _make(cursor, RECORDS, RECORDS_SQL, values)
        cursor.execute("SET LOCAL work_mem = DEFAULT")


@transaction.atomic
def _read(values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        cursor.execute(FACTS_SQL, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        for name in (START, POOL, SAMPLE, RECORDS):
            cursor.execute(f"DROP TABLE {name}")
        cursor.execute("SET LOCAL work_mem = DEFAULT")
    return rows


def _make(cursor: Any, name: str, select: str, values: dict[str, Any]) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
    cursor.execute(f"CREATE TEMPORARY TABLE {name} AS {select}", values)
    cursor.execute(f"ANALYZE {name}")


def _as_arrays(rows: list[tuple[Any, ...]]) -> Measured:
    """Skewed counts and amounts as logarithms, so that one heavy buyer does not set the scale for all."""
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * COLUMNS
    tiers = {tier: place for place, tier in enumerate(sorted(set(columns[4])))}
    tier = np.array([tiers[name] for name in columns[4]], dtype=int)
    start = np.array(columns[3], dtype=int)
    tenure, messages, acts, orders, orders_after, spend, spend_after, ugc, ugc_after = (
        np.array(column, dtype=float) for column in columns[5:]
    )
    covariates = [np.log1p(each) for each in (np.maximum(spend, 0), orders, messages, acts, tenure)]
    return Measured(
        treated=np.array(columns[0], dtype=bool),
        koc=np.array(columns[1], dtype=int),
        cluster=np.array(columns[2], dtype=int),
        stratum=start * (len(tiers) + 1) + tier,
        covariates=np.column_stack(covariates),
        outcomes={
            Outcome.SPEND: (spend, spend_after),
            Outcome.ORDERS: (orders, orders_after),
            Outcome.CONVERSION: ((orders > 0).astype(float), (orders_after > 0).astype(float)),
            Outcome.UGC: (ugc, ugc_after),
        },
    )
