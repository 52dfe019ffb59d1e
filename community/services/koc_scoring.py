"""Scores of everybody in groups, by one statement over the days that the groups keep; daily, and when somebody asks."""

# the text of the SQL comes from this project alone; every value is a bound parameter

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel
from accounts.models import User
from accounts.services import send_notice
from audit.services import Target, record
from community.enums.groups import GroupState
from community.enums.koc import SCORING
from community.errors.koc import ScoringRunning
from community.models import Group, KocSettings, ScoreRun
from community.rules.koc_facts_sql import RELATIONS, write_sql
from community.selectors.koc_scores import days_of, weighing_of, weights_in_force
from community.selectors.unknown_days import unknown_days
from community.services.koc_proposals import propose
from core.services.claims import claimed
from core.services.features import require_feature
from core.services.waking import wake_after_commit

TASK = "community.score_koc"
QUEUE = "bulk"
# Sorting and grouping a hundred thousand members needs about this much; more is not used, and only while a run lasts.
MEMORY = "128MB"
STRANGERS = """
SELECT count(*) FROM community_stay AS stay
JOIN community_group AS own ON own.id = stay.group_id AND own.state = 'active'
JOIN community_groupparticipant AS participant ON participant.id = stay.participant_id
WHERE stay.left_at IS NULL AND participant.staff_id IS NULL AND participant.member_id IS NULL
"""
COURSE = """
INSERT INTO community_kocscoreday (member_id, day, total, parts)
SELECT score.member_id, %(until)s, score.total, score.parts
FROM community_koc AS koc JOIN community_kocscore AS score USING (member_id) WHERE koc.state IN ('active', 'paused')
ON CONFLICT (member_id, day) DO UPDATE SET total = excluded.total, parts = excluded.parts
"""


@transaction.atomic
def ask_for_scores(*, by: User, now: datetime) -> None:
    """Have the scores computed outside of their hour; asking twice at once is asking once.

    A worker is woken after the commit. Should the message be lost, the beat's next one does it. Raises what
    `require_feature` raises while the scores have no approved assessment.
    """
    require_feature(SCORING, now=now)
    settings, _made = KocSettings.objects.select_for_update().get_or_create(pk=1)
    if settings.score_asked_at is None:
        settings.score_asked_at, settings.score_asked_by = now, by
        settings.save(update_fields=["score_asked_at", "score_asked_by"])
        record(by=by, action="community.ask_for_scores", obj=settings, at=now)
        wake_after_commit(TASK, queue=QUEUE)


def score_if_due(*, now: datetime) -> ScoreRun | None:
    """The day's run, or the one that was asked for; None where neither is due or another worker is at it.

    A run that fails is no longer asked for: whoever asked is told, and the day's own is tried again.
    """
    with claimed(TASK) as mine:
        settings = KocSettings.objects.select_related("score_asked_by").first()
        asked = settings is not None and settings.score_asked_at is not None
        if not mine or (not asked and ScoreRun.objects.filter(as_of=midnight(now)).exists()):
            return None
        try:
            return score_everybody(by=settings.score_asked_by if settings else None, now=now)
        except ScoringRunning:
            return None
        except Exception:
            _give_up(now)
            raise


def score_everybody(*, by: User | None, now: datetime) -> ScoreRun:
    """Score every member with an open stay in a group, as of last midnight, and propose what follows for KOC.

    Scores of whoever is in no group any more go. Scores stand though proposing should fail; the next run proposes then.
    Raises ScoringRunning while another run is under way.
    """
    run = _score(by=by, now=now)
    propose(now=now)
    return run


def _score(*, by: User | None, now: datetime) -> ScoreRun:
    with claimed(TASK) as mine:
        if not mine:
            raise ScoringRunning
        began = time.perf_counter()
        run = ScoreRun(as_of=midnight(now), weights=weights_in_force(), members=0, started_at=now, by=by)
        _stage(run)
        return _write(run, began=began, by=by, now=now)


@transaction.atomic
def _stage(run: ScoreRun) -> None:
    """The five small relations, which outlive this transaction, and the number of the run.

    Of a closed group everything is known. A chat that nobody tells of any more counts less and less after one window.
    """
    groups = list(Group.objects.filter(state=GroupState.ACTIVE).select_related("type"))
    told = unknown_days(groups, today=timezone.localdate(run.as_of))
    most = run.weights.window_days
    values = {"groups": list(told), "unknown": [min(days, most) for days in told.values()]}
    with connection.cursor() as cursor:
        for name, select in RELATIONS.items():
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
            cursor.execute(f"CREATE TEMPORARY TABLE {name} AS {select}", values)
            cursor.execute(f"ANALYZE {name}")
        cursor.execute(STRANGERS)
        run.strangers = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(pg_get_serial_sequence('community_scorerun', 'id'))")
        run.pk = cursor.fetchone()[0]


@transaction.atomic
def _write(run: ScoreRun, *, began: float, by: User | None, now: datetime) -> ScoreRun:
    """The sums come first: until the first row is written this is no transaction that followers of facts wait for.

    So nothing may be written before that statement, the row of the run neither.
    """
    weighing = weighing_of(run.weights)
    since, until = days_of(run.as_of, weighing.window_days)
    values: dict[str, Any] = {"since": since, "until": until, "until_at": run.as_of}
    values["since_at"] = run.as_of - timedelta(days=weighing.window_days)
    today = list(ScoreRun.objects.filter(as_of=run.as_of).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        cursor.execute(write_sql(weighing), {**values, "run": run.pk, "today_runs": today})
        run.members = cursor.rowcount
        cursor.execute("DELETE FROM community_kocscore WHERE run_id <> %s", [run.pk])
        cursor.execute(COURSE, values)
        for name in RELATIONS:
            cursor.execute(f"DROP TABLE {name}")
        cursor.execute("SET LOCAL work_mem = DEFAULT")
    run.seconds = round(time.perf_counter() - began, 3)
    run.save(force_insert=True)
    KocSettings.objects.filter(pk=1).update(score_asked_at=None, score_asked_by=None)
    if by is not None:
        target = Target(object_type="community.scorerun", object_id=run.pk, changes={"members": [None, run.members]})
        record(by=by, action="community.score_koc", obj=target, at=now)
    return run


def midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


@transaction.atomic
def _give_up(now: datetime) -> None:
    """Nobody waits any longer for a run that does not come; the traceback is in the log of the worker."""
    settings = KocSettings.objects.select_for_update(of=("self",)).select_related("score_asked_by").first()
    if settings is None or settings.score_asked_at is None:
        return
    asked_by, settings.score_asked_at, settings.score_asked_by = settings.score_asked_by, None, None
    settings.save(update_fields=["score_asked_at", "score_asked_by"])
    if asked_by is not None:
        send_notice(
            to=[asked_by],
            key=f"koc-scores-failed-{now.isoformat()}",
            title=_("The scores of KOC could not be computed"),
            body=_("The last scores stand. Ask again; if it fails once more, tell your administrator."),
            url=reverse("community:koc"),
            level=NoticeLevel.ACT,
            now=now,
        )
