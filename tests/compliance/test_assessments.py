"""Impact assessments: two people, three parts, kept three years; without one that holds, a feature does not run."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone
from django.utils.translation import override

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.admin import registers as today
from compliance.errors.registers import (
    AssessmentIncomplete,
    AssessmentMissing,
    AssessorApproves,
    EntryNotValid,
    EntryStateWrong,
)
from compliance.models import Assessment
from compliance.services import pipia
from core.registries import FeatureGuard, Registry, feature_guards, features
from core.services import features as gate
from tests.assessments import WORDS, assess

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)


def person(name: str) -> User:
    return User.objects.create(username=name, role=Role.LEGAL)


def draft() -> Assessment:
    return Assessment.objects.get(feature="tiering", state="draft")


def test_every_feature_ships_with_a_draft_and_none_with_an_approval() -> None:
    assert set(Assessment.objects.values_list("feature", "state")) == {(each.code, "draft") for each in features}


def test_it_is_approved_by_a_second_person_and_holds_until_its_time_is_over() -> None:
    writer, other = person("writer"), person("other")
    with pytest.raises(AssessorApproves):
        pipia.approve(assessment=draft(), months=12, by=other, now=NOW)  # nobody has taken it over yet
    pipia.write(assessment=draft(), texts=WORDS, by=writer, now=NOW)
    with pytest.raises(AssessorApproves):
        pipia.approve(assessment=draft(), months=12, by=writer, now=NOW)
    with pytest.raises(EntryNotValid):
        pipia.approve(assessment=draft(), months=37, by=other, now=NOW)
    approved = pipia.approve(assessment=draft(), months=1, by=other, now=NOW)
    pipia.require(feature="tiering", now=NOW)
    assert approved.valid_until is not None
    for moment in (NOW - DAY, approved.valid_until):
        with pytest.raises(AssessmentMissing):
            pipia.require(feature="tiering", now=moment)
    assert list(AuditEntry.objects.order_by("id").values_list("action", "actor_id")) == [
        ("compliance.write_assessment", writer.pk),
        ("compliance.approve_assessment", other.pk),
    ]


@pytest.mark.parametrize(("part", "words"), [("impact", " "), ("measures", "由【待定】负责")])
def test_an_empty_part_or_an_open_place_is_not_approved(part: str, words: str) -> None:
    pipia.write(assessment=draft(), texts={**WORDS, part: words}, by=person("writer"), now=NOW)
    with pytest.raises(AssessmentIncomplete) as refused:
        pipia.approve(assessment=draft(), months=12, by=person("other"), now=NOW)
    assert set(refused.value.fields) == {part}


def test_a_new_one_ends_the_one_before_and_a_withdrawal_stops_the_feature() -> None:
    first = assess("tiering", now=NOW)
    second = assess("tiering", now=NOW + DAY)
    first.refresh_from_db()
    assert (first.state, second.state, second.number) == ("expired", "approved", 2)
    with pytest.raises(EntryNotValid):
        pipia.withdraw(assessment=second, reason=" ", by=person("legal"), now=NOW + DAY)
    pipia.withdraw(assessment=second, reason="规则变了", by=User.objects.get(username="legal"), now=NOW + DAY)
    with pytest.raises(AssessmentMissing):
        pipia.require(feature="tiering", now=NOW + 2 * DAY)


def test_one_draft_at_a_time_begins_with_the_words_of_the_last() -> None:
    assess("tiering", now=NOW)
    begun = pipia.begin(feature="tiering", by=None, now=NOW)
    assert begun.impact == WORDS["impact"]
    with pytest.raises(EntryStateWrong):
        pipia.begin(feature="tiering", by=None, now=NOW)


def test_what_has_run_out_is_marked_by_the_nightly_task() -> None:
    made = assess("tiering", now=NOW - 40 * DAY, months=1)
    assert pipia.expire_assessments(now=NOW) == 1
    made.refresh_from_db()
    assert (made.state, made.expired_at) == ("expired", NOW)
    assert pipia.expire_assessments(now=NOW) == 0


def test_the_database_keeps_an_approved_one_for_three_years_and_its_words_for_good() -> None:
    made = assess("tiering", now=NOW)
    for statement in (
        "DELETE FROM compliance_assessment WHERE id = %s",
        "UPDATE compliance_assessment SET impact = 'x' WHERE id = %s",
        "UPDATE compliance_assessment SET state = 'draft' WHERE id = %s",
    ):
        with pytest.raises(ProgrammingError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [made.pk])
    old = assess("minors", now=NOW - 1500 * DAY, months=1)
    pipia.expire_assessments(now=NOW - 1100 * DAY)
    assert Assessment.objects.filter(pk=old.pk).delete()[0] == 1


def test_the_database_refuses_one_that_its_writer_approved() -> None:
    one = person("one")
    values = {"approved_by": one, "approved_at": NOW, "valid_until": NOW + DAY, "written_by": one}
    with pytest.raises(IntegrityError, match="compliance_assessment_second_person"), transaction.atomic():
        Assessment.objects.create(feature="tiering", number=9, state="approved", **WORDS, **values)


def test_today_names_what_is_held_back_and_what_runs_out() -> None:
    assert [item.state for item in today.assessments(None, NOW)] == ["act"]
    for feature in features:
        assess(feature.code, now=NOW - 10 * DAY, months=1 if feature.code == "tiering" else 12)
    with override("zh-hans"):
        (item,) = today.assessments(None, NOW)
        assert "层级自动更新" in str(item.title)


def test_a_feature_that_nobody_registered_and_a_house_without_guard_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError):
        gate.require_feature("unheard-of", now=NOW)
    assert "pipia" in feature_guards
    none: Registry[FeatureGuard] = Registry("planted")
    monkeypatch.setattr(gate, "feature_guards", none)
    with pytest.raises(ImproperlyConfigured):
        gate.require_feature("tiering", now=NOW)


def asked(house: Path) -> Iterator[str]:
    """What the sources hand to `require_feature`, as written: a name or a text."""
    for path in house.rglob("*.py"):
        if {"tests", "migrations", ".venv"} & set(path.parts):
            continue
        source = path.read_text(encoding="utf-8")
        if "require_feature(" not in source:
            continue
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        for call in calls:
            if getattr(call.func, "id", "") == "require_feature":
                yield ast.unparse(call.args[0])


DOORS = {
    "tiering": "TIERING",
    "koc_scoring": "SCORING",
    "large_export": "LARGE_EXPORT.code",
    "minors": "MINORS.code",
    "entrusting": "kinds[RecipientKind(row.kind)].code",
    "providing": "kinds[RecipientKind(row.kind)].code",
    "abroad": "ABROAD.code",
}


def test_every_registered_feature_has_a_door_that_asks() -> None:
    assert {each.code for each in features} <= set(DOORS)
    assert {DOORS[each.code] for each in features} <= set(asked(settings.BASE_DIR))


def test_a_feature_without_a_door_is_found(tmp_path: Path) -> None:
    (tmp_path / "doors.py").write_text("def open_it(now):\n    require_feature(TIERING, now=now)\n")
    assert set(asked(tmp_path)) == {"TIERING"}
