"""The legal reviewer finds the one person who asks by what names exactly her; nobody else, and never a list."""

from typing import Any

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.models import SubjectRequest
from core.services.rate_limits import Rate
from members.enums import IdentityType
from members.models import Identity, Member
from tests.brand import signed_in
from tests.compliance.people import member

pytestmark = [pytest.mark.django_db]
PHONE, EMAIL, ADDRESS = "13800138000", "xiaoming@example.com", "/admin/compliance/requests/new/"
ASKED = {"kind": "access", "source": "phone", "requester": "self", "language": "zh-hans", "wish": ""}


@pytest.fixture
def legal() -> Client:
    return signed_in(User.objects.create_user("reviewer", role=Role.LEGAL, is_staff=True))


@pytest.fixture
def her() -> Member:
    made = member(PHONE, EMAIL, name="王小明")
    Identity.objects.create(member=made, type=IdentityType.EXTERNAL_ID, lookup="C-778", source="test")
    return made


def form_of(who: Member) -> str:
    return f"/admin/compliance/members/{who.pk}/request/"


def searched(browser: Client, text: str) -> str:
    return str(browser.post(ADDRESS, {"q": text}).content.decode())


@pytest.mark.parametrize("text", [PHONE, f"+86 {PHONE}", EMAIL.upper(), "C-778", "#"])
def test_whole_value_finds_her_and_nothing_else_of_her(legal: Client, her: Member, text: str) -> None:
    other = member("13800138001", name="李小红")
    shown = searched(legal, f"#{her.pk}" if text == "#" else text)
    assert form_of(her) in shown
    assert form_of(other) not in shown
    assert "王小明" not in shown
    assert [secret for secret in (PHONE, EMAIL, "C-778") if secret in shown and secret not in text] == []


@pytest.mark.parametrize(
    "text", ["王小明", "1380013", "8000", "xiaoming", "#", "#0", "#99999999999999999999", "C-77", "\x00"]
)
def test_part_of_a_value_or_a_name_finds_nobody(legal: Client, her: Member, text: str) -> None:
    shown = searched(legal, text)
    assert form_of(her) not in shown
    assert "没有对应的人，或对应不止一人" in shown or not text.strip()


def test_value_of_two_persons_finds_neither(legal: Client, her: Member) -> None:
    other = member("13800138001", name="李小红")
    Identity.objects.create(member=other, type=IdentityType.CARD, lookup="C-778", source="test")
    shown = searched(legal, "C-778")
    assert form_of(her) not in shown
    assert form_of(other) not in shown


def test_merged_record_leads_to_the_one_that_stands_for_her(legal: Client, her: Member) -> None:
    winner = member("13800138001", name="王小明")
    Member.objects.filter(pk=her.pk).update(merged_into=winner)
    for text in (PHONE, f"#{her.pk}"):
        shown = searched(legal, text)
        assert form_of(winner) in shown
        assert form_of(her) not in shown


def test_request_is_taken_down_for_whom_she_found_and_for_nobody_else(legal: Client, her: Member) -> None:
    other = member("13800138001")
    assert ADDRESS in legal.get("/admin/compliance/requests/").content.decode()
    assert legal.get(form_of(her)).status_code == 404
    searched(legal, PHONE)
    form = legal.get(form_of(her))
    assert (form.status_code, "王小明" in form.content.decode()) == (200, False)
    assert legal.get(form_of(other)).status_code == 404
    assert legal.post(form_of(other), ASKED).status_code == 404
    assert legal.post(form_of(her), ASKED).status_code == 302
    assert SubjectRequest.objects.get().member_id == her.pk
    searched(legal, "nobody at all")
    assert legal.get(form_of(her)).status_code == 404


def test_each_search_is_on_the_record_without_what_was_typed(legal: Client, her: Member) -> None:
    searched(legal, PHONE)
    searched(legal, "13911112222")
    rows = list(AuditEntry.objects.filter(action="compliance.find_person").order_by("pk"))
    assert [(row.object_type, row.object_id, row.changes) for row in rows] == [
        ("members.member", str(her.pk), {"found": [None, 1]}),
        ("", "", {"found": [None, 0]}),
    ]


def test_numbers_are_not_tried_by_the_dozen(legal: Client, her: Member, monkeypatch: Any) -> None:
    monkeypatch.setattr("compliance.services.finding.PER_HOUR", Rate(burst=1, per_second=0.0001))
    assert form_of(her) in searched(legal, PHONE)
    assert form_of(her) not in searched(legal, PHONE)
    assert AuditEntry.objects.filter(action="compliance.find_person").count() == 1


def test_guide_searches_among_her_own_as_before(her: Member) -> None:
    guide = signed_in(User.objects.create_user("guide", role=Role.GUIDE, is_staff=True))
    assert form_of(her) not in searched(guide, PHONE)
    assert guide.get(form_of(her)).status_code == 404
    assert not AuditEntry.objects.filter(action="compliance.find_person").exists()
