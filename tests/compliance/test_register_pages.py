"""The pages of the registers: who opens them, what they refuse, that nothing typed is lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from compliance.models import Assessment, Incident, ProcessingActivity, Recipient, WatchedRule
from tests.assessments import WORDS
from tests.compliance.test_incidents import FACTS
from tests.compliance.test_registers import ACTIVITY, CLOUD

pytestmark = pytest.mark.django_db
LISTS = ("registers", "activities", "recipients", "watched_rules", "assessments", "incidents")
MOMENTS = ("happened_from", "happened_to", "found_at")


def client(role: Role, name: str = "", language: str = "en") -> Client:
    made = Client(headers={"accept-language": language})
    made.force_login(User.objects.create(username=name or f"one-{role}", role=role, is_staff=True))
    return made


def page(name: str, *args: Any) -> str:
    return reverse(f"compliance:{name}", args=args)


def typed_incident(**values: str) -> dict[str, str]:
    moments = {name: f"{timezone.localtime(FACTS[name]):%Y-%m-%dT%H:%M}" for name in MOMENTS}
    return {**{name: value for name, value in FACTS.items() if isinstance(value, str)}, **moments, **values}


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.LEGAL, LISTS),
        (Role.AUDITOR, LISTS),
        (Role.MARKETER, ("registers", "activities", "assessments")),
        (Role.GUIDE, ()),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_lists_open_by_role(role: Role, opens: tuple[str, ...], language: str) -> None:
    browser = client(role, language=language)
    assert tuple(name for name in LISTS if browser.get(page(name)).status_code == 200) == opens


def test_a_legal_reviewer_enters_changes_and_ends_an_activity() -> None:
    browser = client(Role.LEGAL)
    refused = browser.post(page("activity_add"), {**ACTIVITY, "basis_note": ""})
    assert refused.status_code == 422
    assert "Say which contract" in refused.content.decode()
    assert "抽奖" in refused.content.decode()
    assert browser.post(page("activity_add"), ACTIVITY).status_code == 302
    row = ProcessingActivity.objects.latest("pk")
    browser.post(page("activity_act", row.pk, "begin"))
    browser.post(page("activity_act", row.pk, "end"), {"reason": "over"})
    row.refresh_from_db()
    assert row.state == "ended"
    assert browser.post(page("activity", row.pk), ACTIVITY).status_code == 422
    assert browser.post(page("activity_act", row.pk, "burn")).status_code == 404


def test_an_auditor_reads_and_changes_nothing() -> None:
    browser, row = client(Role.AUDITOR), ProcessingActivity.objects.earliest("pk")
    rule, draft = WatchedRule.objects.earliest("pk"), Assessment.objects.earliest("pk")
    assert browser.get(page("activity", row.pk)).status_code == 200
    for address in (
        page("activity_add"), page("activity", row.pk), page("activity_act", row.pk, "begin"), page("recipient_add"),
        page("rule_check", rule.pk), page("watched_rule", rule.pk), page("assessment", draft.pk), page("incident_add"),
        page("assessment_begin", "tiering"), page("duty_done", 1_000_000),
    ):  # fmt: skip
        assert browser.post(address).status_code == 403, address


def test_a_recipient_is_told_which_assessment_is_missing() -> None:
    browser = client(Role.LEGAL)
    browser.post(page("recipient_add"), {name: str(value) for name, value in CLOUD.items()})
    row = Recipient.objects.get()
    said = browser.post(page("recipient_act", row.pk, "begin"), follow=True).content.decode()
    assert "Entrusting a processor" in said
    row.refresh_from_db()
    assert row.state == "draft"


def test_an_assessment_goes_through_two_hands() -> None:
    draft = Assessment.objects.get(feature="tiering")
    marketer, legal = client(Role.MARKETER), client(Role.LEGAL)
    address = page("assessment", draft.pk)
    assert marketer.post(address, {**WORDS, "act": "approve", "months": "12"}).status_code == 403
    assert marketer.post(address, {**WORDS, "impact": "", "act": "write"}).status_code == 302
    refused = legal.post(address, {"act": "approve", "months": "12"})
    assert (refused.status_code, "This part is empty." in refused.content.decode()) == (422, True)
    marketer.post(address, {**WORDS, "act": "write"})
    assert legal.post(address, {"act": "approve", "months": "many"}).status_code == 422
    assert legal.post(address, {"act": "approve", "months": "12"}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "approved"
    assert legal.post(address, {"act": "withdraw", "reason": ""}).status_code == 422
    assert legal.post(page("assessment_begin", "unheard-of")).status_code == 404
    assert legal.post(page("assessment_begin", "tiering")).status_code == 302


def test_an_incident_from_the_report_to_the_end() -> None:
    browser = client(Role.LEGAL)
    wrong = browser.post(page("incident_add"), typed_incident(happened_to="2020-01-01T00:00"))
    assert (wrong.status_code, "导购账号被盗" in wrong.content.decode()) == (422, True)
    assert browser.post(page("incident_add"), typed_incident()).status_code == 302
    row = Incident.objects.get()
    assert browser.post(page("incident_act", row.pk, "close"), {"lessons": "换口令"}).status_code == 422
    assert browser.post(page("incident_act", row.pk, "list"), {"actor": ""}).status_code == 302
    given = {"audience": "members", "decision": "not_notified", "words": "x", "reason": ""}
    assert browser.post(page("incident_act", row.pk, "decide"), given).status_code == 422
    for audience in ("members", "authority"):
        decided = {"audience": audience, "decision": "not_notified", "words": "", "reason": "危害已避免"}
        assert browser.post(page("incident_act", row.pk, "decide"), decided).status_code == 302
    assert browser.post(page("incident_act", row.pk, "close"), {"lessons": "换口令"}).status_code == 302
    shown = browser.get(page("incident", row.pk)).content.decode()
    assert "换口令" in shown
    assert browser.post(page("incident", row.pk), typed_incident(grade="major")).status_code == 422
    assert browser.get(page("incidents")).status_code == 200


@pytest.mark.parametrize("year", ["0001", "1999", "2101", "9999"])
@pytest.mark.parametrize("name", MOMENTS)
def test_an_incident_in_no_possible_year_is_not_kept(name: str, year: str) -> None:
    typed = f"{year}-12-31T23:59"
    answer = client(Role.LEGAL).post(page("incident_add"), typed_incident(**{name: typed}))
    text = answer.content.decode()
    assert (answer.status_code, Incident.objects.count()) == (422, 0)
    assert "in the years 2000 to 2100." in text
    assert typed in text
    assert "导购账号被盗" in text


@pytest.mark.parametrize("year", ["0001", "1999", "2101", "9999"])
@pytest.mark.parametrize("name", ["starts_on", "ends_on"])
def test_a_contract_of_no_possible_year_is_not_kept(name: str, year: str) -> None:
    given = {field: str(value) for field, value in CLOUD.items()}
    answer = client(Role.LEGAL).post(page("recipient_add"), {**given, name: f"{year}-12-31"})
    text = answer.content.decode()
    assert (answer.status_code, Recipient.objects.count()) == (422, 0)
    assert "in the years 2000 to 2100." in text
    assert f"{year}-12-31" in text


def test_a_rule_is_checked_and_a_threshold_noted_from_the_pages() -> None:
    browser, rule = client(Role.LEGAL), WatchedRule.objects.earliest("pk")
    browser.post(page("rule_check", rule.pk), {"finding": "unchanged"})
    rule.refresh_from_db()
    assert rule.finding == "unchanged"
    values = {"name_zh": "新规", "source": "网信办", "matters": "x", "every_days": "0", "is_watched": "on"}
    assert browser.post(page("watched_rule_add"), values).status_code == 422
    assert browser.post(page("watched_rule_add"), {**values, "every_days": "30"}).status_code == 302
    assert browser.post(page("duty_done", 5), {"note": "x"}, follow=True).status_code == 200
