"""Nothing unlogged (T21), the pages: every POST that writes leaves a record of who, what, upon what and from where."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, path

from audit.enums import ActorType
from audit.models import AuditEntry
from members.models import Member
from tests.brand import administrator, signed_in
from tests.scrm.acts_of_earnings import EARNINGS_ACTS
from tests.scrm.acts_of_groups import GROUP_ACTS
from tests.scrm.acts_of_koc import KOC_ACTS
from tests.scrm.acts_of_moderation import MODERATION_ACTS
from tests.scrm.acts_of_the_offers import OFFER_ACTS, OFFER_READS
from tests.scrm.acts_of_the_pages import ACTS as OF_PAGES
from tests.scrm.acts_of_the_pages import FILLED, OWN_NOTICES, Act, Cast, routes, taking_posts
from tests.scrm.acts_of_the_pages import READS as READS_OF_PAGES
from tests.scrm.acts_of_the_plan import PLAN_ACTS
from tests.scrm.acts_of_the_registers import REGISTER_ACTS
from tests.scrm.acts_of_wecom import WECOM_ACTS
from tests.scrm.pages_of_insights import INSIGHT_ACTS
from tests.scrm.pages_of_results import RESULTS_ACTS

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.9"
WRITES = re.compile(r'^\s*(?:WITH .*?)?(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE | re.DOTALL)
#: What every request may write: how fast it comes, that somebody is there, who was turned away.
OF_REQUESTS = {"core_ratebucket", "django_session", "axes_accessattempt", "axes_accesslog"}
ACTS = {
    **OF_PAGES,
    **REGISTER_ACTS,
    **WECOM_ACTS,
    **OFFER_ACTS,
    **PLAN_ACTS,
    **EARNINGS_ACTS,
    **KOC_ACTS,
    **GROUP_ACTS,
    **MODERATION_ACTS,
    **RESULTS_ACTS,
    **INSIGHT_ACTS,
}
READS = {**READS_OF_PAGES, **OFFER_READS}
#: Acts upon nothing that has a number.
UPON_NOTHING = {"compliance:suppression_add", "compliance:suppression_find"}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.CELERY_TASK_ALWAYS_EAGER = False


def written(client: Client, address: str, body: dict[str, Any]) -> tuple[Any, set[str]]:
    """The answer, and the tables of ours that the POST wrote to."""
    with CaptureQueriesContext(connection) as said:
        answer = client.post(address, body, REMOTE_ADDR=ADDRESS)
    found = {match[1] for query in said.captured_queries if (match := WRITES.match(query["sql"]))}
    return answer, found - OF_REQUESTS


def is_silent(tables: set[str]) -> bool:
    return bool(tables) and "audit_auditentry" not in tables


def test_every_post_is_tried_here() -> None:
    assert set(taking_posts(administrator())) == {*ACTS, *READS, *OWN_NOTICES}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_act_leaves_a_record(name: str) -> None:
    cast = Cast()
    act = ACTS[name](cast)
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    answer, tables = written(act.client or cast.client, act.address, act.body)
    assert answer.status_code < 400, answer.context and answer.context.get("errors")
    entries = AuditEntry.objects.exclude(pk__in=before)
    assert entries
    assert "audit_auditentry" in tables
    actor = (ActorType.SYSTEM, None) if act.by_nobody else (ActorType.USER, cast.admin.pk)
    assert {(entry.actor_type, entry.actor_id) for entry in entries} == {actor}
    assert {entry.address for entry in entries} == {ADDRESS}
    assert all(entry.request_id and "." in entry.action for entry in entries)
    assert name in UPON_NOTHING or any(entry.object_type and entry.object_id for entry in entries)


@pytest.mark.parametrize("name", sorted(READS))
def test_reading_writes_nothing(name: str) -> None:
    client = Cast().client
    (route,) = {route for each, route in routes(get_resolver().url_patterns, (), "") if each == name}
    address = "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: FILLED.get(found[1], "x"), route)
    _answer, tables = written(client, address, {})
    assert tables == set()


def planted(request: HttpRequest) -> HttpResponse:
    Member.objects.update(name=request.POST.get("name", ""))
    return HttpResponse()


urlpatterns = [path("planted/", planted, name="planted")]


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_writes_in_silence_is_found() -> None:
    """It is neither in the tables, nor would it pass as an act or as a reading."""
    assert set(taking_posts(administrator(), urlpatterns)) == {"planted"}
    act = Act("/planted/", {"name": "x"})
    answer, tables = written(signed_in(administrator("other")), act.address, act.body)
    assert (answer.status_code, tables, is_silent(tables)) == (200, {"members_member"}, True)
    assert not AuditEntry.objects.filter(action__contains="planted").exists()
