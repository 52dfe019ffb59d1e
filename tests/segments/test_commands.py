"""What beat and other scripts call: tasks and commands, their output and their refusals."""

import io
import json

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from segments.models import GoalProgress, TierRun
from segments.tasks import expire, refresh_tags, retier_hourly
from tests.segments.facts import make_members, moment

AS_OF = moment("2026-11-01T16:00:00")


def output(command: str, **options: object) -> str:
    out = io.StringIO()
    call_command(command, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.mark.django_db
def test_retier_command_reports_as_text_and_as_json() -> None:
    make_members([AS_OF])
    assert "1  members, 1 moved" in output("retier", as_of="2026-11-03")
    report = json.loads(output("retier", as_of="2026-11-04", json=True))
    assert {name: report[name] for name in ("members", "moved")} == {"members": 1, "moved": 0}
    assert set(report) >= {"members", "by_tier", "moved", "seconds"}


@pytest.mark.django_db
def test_retier_command_refuses_a_moment_before_the_latest_run() -> None:
    make_members([AS_OF])
    output("retier", as_of="2026-11-03")
    with pytest.raises(CommandError):
        output("retier", as_of="2026-11-02")
    assert TierRun.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["retier", "rfm_scores"])
def test_command_refuses_a_moment_that_is_none(command: str) -> None:
    with pytest.raises(CommandError):
        call_command(command, "--as-of", "someday")
    assert not TierRun.objects.exists()


@pytest.mark.django_db
def test_scores_command_writes_nothing() -> None:
    make_members([AS_OF])
    assert len(output("rfm_scores", as_of="2026-11-03").splitlines()) == 2
    assert not TierRun.objects.exists()


@pytest.mark.django_db
def test_hourly_task_runs_and_measures_the_goals_of_the_day(assessed: None) -> None:
    make_members([AS_OF])
    done = retier_hourly()
    assert (done["kind"], done["members"]) == ("full", 1)
    assert GoalProgress.objects.exists()
    assert retier_hourly()["moved"] == 0
    assert (refresh_tags(), expire()) == ({"tags": 0, "added": 0, "removed": 0}, 0)


@pytest.mark.django_db
def test_hourly_task_sorts_nobody_before_the_assessment_is_approved() -> None:
    make_members([AS_OF])
    assert retier_hourly() == {"skipped": "assessment_missing"}
    assert not TierRun.objects.exists()
    said = io.StringIO()
    call_command("retier", as_of="2026-11-03", stdout=io.StringIO(), stderr=said)
    assert "PIPL Art. 55" in said.getvalue()
    assert TierRun.objects.count() == 1


@pytest.mark.chaos
def test_hourly_task_leaves_a_run_that_is_under_way_alone(committed: None, assessed: None) -> None:
    used = connection.settings_dict
    with psycopg.connect(
        host=used["HOST"], port=used["PORT"], dbname=used["NAME"], user=used["USER"], password=used["PASSWORD"] or None
    ) as busy:
        busy.execute("LOCK TABLE segments_tierrun IN SHARE ROW EXCLUSIVE MODE")
        assert retier_hourly() == {"skipped": "running"}
    assert not TierRun.objects.exists()
