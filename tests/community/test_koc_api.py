"""KOC and scores for programs."""

import pytest
from django.test import RequestFactory
from django.utils import timezone

from community.admin.koc import load_koc
from community.models import Koc, KocAcceptance
from community.services.koc_scoring import score_everybody
from compliance.models import ConsentEvent
from compliance.services.status import restrict
from tests import api
from tests.community import koc_cast as cast
from tests.scrm.pages_of_koc import active, invited

pytestmark = pytest.mark.django_db
BASE = "/api/v1/koc/"


def test_member_is_invited_and_answers_yes() -> None:
    member = api.member()
    cast.notice()
    cast.joined(cast.group(), member)
    client = api.client()
    made = client.post(BASE, {"member": {"id": member.pk}})
    assert (made.status_code, made.json()["state"], made.json()["referral_code"]) == (201, "invited", None)
    again = client.post(BASE, {"member": {"id": member.pk}})
    assert (again.status_code, api.errors(again)["code"]) == (422, "koc_not_invitable")
    texts = {row["kind"]: row for row in client.get(f"{BASE}texts/").json()}
    address = f"{BASE}{made.json()['id']}/answer/"
    unsaid = client.post(address, {"accepted": True})
    assert (unsaid.status_code, list(api.errors(unsaid)["fields"])) == (400, ["version"])
    other = client.post(address, {"accepted": True, "version": 9})
    assert (other.status_code, api.errors(other)["code"]) == (400, "koc_answer_not_valid")
    yes = client.post(address, {"accepted": True, "version": texts["programme"]["version"]})
    assert (yes.status_code, yes.json()["state"]) == (200, "active")
    assert len(yes.json()["referral_code"]) == 8
    assert ConsentEvent.objects.get().source == "api"
    assert client.post(address, {"accepted": False}).status_code == 409
    shared = client.post(f"{BASE}{made.json()['id']}/revenue-share/", {"version": 1})
    assert shared.status_code == 200
    assert KocAcceptance.objects.filter(source="api").count() == 2


def test_no_is_recorded_and_a_key_answers_once() -> None:
    koc = invited(api.member())
    client, address = api.client(), f"{BASE}{koc.pk}/answer/"
    for replayed in (None, "true"):
        answer = client.post(address, {"accepted": False, "reason": "太忙"}, headers={"Idempotency-Key": "n1"})
        assert (answer.status_code, answer.json()["state"]) == (200, "declined")
        assert answer.headers.get("Idempotent-Replay") == replayed
    assert Koc.objects.get().events.count() == 2


def test_scores_are_read_with_parts_and_facts() -> None:
    now = timezone.now()
    member = api.member()
    cast.joined(cast.group(), member)
    score_everybody(by=None, now=now)
    row = api.client().get(f"/api/v1/koc-scores/{member.pk}/").json()
    assert set(row["parts"]) == {"influence", "ugc", "purchases", "referrals", "consistency"}
    assert (row["facts"]["spend"], row["weights_version"], row["groups"]) == ("0.00", 1, 1)
    (listed,) = api.client().get("/api/v1/koc-scores/").json()["results"]
    assert listed == row


def test_score_of_whom_may_only_be_stored_is_not_served_from_then_on() -> None:
    member, other = api.member(), api.member()
    active(member)
    cast.joined(cast.group(), other)
    score_everybody(by=None, now=timezone.now())
    restrict(member_id=member.pk, reason="她要求", by=None, now=timezone.now())
    client = api.client()
    assert [row["member"] for row in client.get("/api/v1/koc-scores/").json()["results"]] == [other.pk]
    assert client.get(f"/api/v1/koc-scores/{member.pk}/").status_code == 404
    assert (load_koc(RequestFactory().get("/"), member) or {})["score"] is None


def test_a_key_sees_whom_its_stores_let_it_see() -> None:
    store = api.store()
    near, far = api.member(home_store=store), api.member(home_store=api.store())
    hers, other = active(near), active(far)
    score_everybody(by=None, now=timezone.now())
    client = api.client(stores=[store])
    assert [row["id"] for row in client.get(BASE).json()["results"]] == [hers.pk]
    assert client.get(f"{BASE}{other.pk}/").status_code == 404
    assert client.get(f"/api/v1/koc-scores/{far.pk}/").status_code == 404
    assert client.post(BASE, {"member": {"id": far.pk}}).status_code == 404
    assert api.client("members:read").get(BASE).status_code == 403


def test_lists_are_filtered() -> None:
    koc = active(api.member())
    invited(api.member())
    client = api.client()
    assert [row["id"] for row in client.get(f"{BASE}?state=active").json()["results"]] == [koc.pk]
    assert client.get(f"{BASE}?state=nothing").status_code == 400
    assert client.get(f"{BASE}?level=priority").json()["results"] == []
