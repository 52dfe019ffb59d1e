"""Violations and titles by the API: scoped, without what was said, reported and appealed once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from community.models import Appeal, Group, Title, TitleHolding, Violation
from community.services.deciding import correct, decide
from community.services.reporting import report_violation
from tests import api
from tests.community.cast import NOW, Line, group, participant, say, staff

pytestmark = pytest.mark.django_db
VIOLATIONS, TITLES = "/api/v1/violations/", "/api/v1/titles/"
SCOPES = ("moderation:read", "moderation:write", "titles:read")


def waiting(of: Group) -> Violation:
    now = timezone.now()
    somebody = participant(of, joined_at=now - timedelta(days=9))
    return report_violation(participant=somebody, text="在群里吵架", occurred_at=now, by=None, now=now)


@pytest.fixture
def client() -> Any:
    return api.client(*SCOPES)


def test_violations_are_read_without_what_was_said(client: Any) -> None:
    row = waiting(group())
    answer = client.get(VIOLATIONS)
    (line,) = answer.json()["results"]
    assert (line["id"], line["state"], line["by_machine"], line["appealed"]) == (row.pk, "open", None, False)
    assert "吵架" not in answer.content.decode()
    decide(violation=row, outcome="muted", by=staff(), now=timezone.now())
    one = client.get(f"{VIOLATIONS}{row.pk}/").json()
    assert (one["outcome"], one["by_machine"], one["muted_until"] is not None) == ("muted", False, True)


@pytest.mark.parametrize(
    ("query", "status", "count"),
    [
        ("state=open", 200, 1),
        ("state=decided", 200, 0),
        ("kind=report", 200, 1),
        ("group=1", 200, 0),
        ("group=x", 400, 0),
        ("group=99999999999999999999", 400, 0),
        ("group=1.5", 400, 0),
        ("nonsense=1", 400, 0),
    ],
)
def test_list_is_narrowed_or_refused(client: Any, query: str, status: int, count: int) -> None:
    waiting(group())
    answer = client.get(f"{VIOLATIONS}?{query}")
    assert answer.status_code == status
    assert len(answer.json().get("results", ())) == count


def test_program_held_to_a_store_knows_its_groups_only() -> None:
    here = api.store()
    near, far = waiting(group(store_id=here.pk)), waiting(group())
    held = api.client(*SCOPES, stores=[here])
    assert [line["id"] for line in held.get(VIOLATIONS).json()["results"]] == [near.pk]
    assert held.get(f"{VIOLATIONS}{far.pk}/").status_code == 404
    assert held.post(f"{VIOLATIONS}{far.pk}/appeal/", {"text": "不服"}).status_code == 404
    body = {"participant": far.participant_id, "text": "广告", "occurred_at": timezone.now().isoformat()}
    assert held.post(VIOLATIONS, body).status_code == 400
    assert Violation.objects.count() == 2


def test_report_is_kept_once_under_its_key_and_refused_in_words(client: Any) -> None:
    somebody = participant(group(), joined_at=timezone.now() - timedelta(days=9))
    body = {"participant": somebody.pk, "text": "发广告", "occurred_at": timezone.now().isoformat(), "sensitive": True}
    answers = [client.post(VIOLATIONS, body, HTTP_IDEMPOTENCY_KEY="a1") for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    row = Violation.objects.get()
    assert (row.kind, row.sensitive, row.state, answers[0].json()["id"]) == ("report", True, "open", row.pk)
    for wrong in (
        {"participant": 10**12},
        {"text": " "},
        {"text": "长" * 501},
        {"occurred_at": "2001-01-01T00:00:00+08:00"},
        {"sensitive": "yes"},
        {"more": 1},
    ):
        assert client.post(VIOLATIONS, {**body, **wrong}).status_code == 400
    assert Violation.objects.count() == 1


def test_appeal_is_filed_once(client: Any) -> None:
    row = waiting(group())
    address = f"{VIOLATIONS}{row.pk}/appeal/"
    assert client.post(address, {"text": "不服"}).status_code == 409
    decide(violation=row, outcome="warned", by=staff(), now=timezone.now())
    answer = client.post(address, {"text": "不服"})
    assert (answer.status_code, answer.json()["outcome"]) == (201, "")
    assert client.post(address, {"text": "不服"}).status_code == 409
    assert client.get(f"{VIOLATIONS}{row.pk}/").json()["appealed"] is True
    assert Appeal.objects.count() == 1


def test_titles_are_read_within_the_groups(client: Any) -> None:
    one = group(type_code="honour")
    somebody = participant(one, joined_at=timezone.now() - timedelta(days=9))
    title = Title.objects.get(name_zh="荣誉新星")
    today = timezone.localdate()
    values = {"title": title, "participant": somebody, "group": one, "active_days": 6, "messages": 18, "mentioned": 0}
    TitleHolding.objects.create(since=today - timedelta(days=9), lost_on=today, lost_why="inactive", **values)
    TitleHolding.objects.create(since=today, **values)
    lines = client.get(TITLES).json()["results"]
    assert [(line["level"], line["lost_why"]) for line in lines] == [(1, ""), (1, "inactive")]
    assert len(client.get(f"{TITLES}?held=true&group={one.pk}&participant={somebody.pk}").json()["results"]) == 1
    held = api.client(*SCOPES, stores=[api.store()])
    assert held.get(TITLES).json()["results"] == []


def test_each_scope_opens_its_own_door() -> None:
    row = waiting(group())
    reader = api.client("moderation:read")
    assert reader.get(VIOLATIONS).status_code == 200
    assert reader.get(TITLES).status_code == 403
    assert reader.post(f"{VIOLATIONS}{row.pk}/appeal/", {"text": "不服"}).status_code == 403


def test_by_machine_is_of_the_first_decision(client: Any) -> None:
    who = participant(group())
    say(Line(who, "低价转让面霜一瓶"))
    violation = Violation.objects.get(participant=who)
    address = f"/api/v1/violations/{violation.pk}/"
    assert client.get(address).json()["by_machine"] is True
    correct(violation=violation, outcome="dismissed", by=staff(), now=NOW, note="误判")
    assert client.get(address).json()["by_machine"] is True
