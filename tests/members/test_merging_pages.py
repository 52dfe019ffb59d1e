"""Merging in the admin and by programs: who may, what is shown first, and that nobody reaches beyond her stores."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Store, User
from members.models import DuplicatePair, Member, Merging
from members.services import create_member, merge_members
from tests import api
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db
WHY = {"reason": "同一个手机号码"}
PHONE = "13912345678"


@pytest.fixture
def stores() -> tuple[Store, Store]:
    return api.store(), api.store()


def a_member(store: Store | None = None, name: str = "林晓", **values: Any) -> Member:
    return create_member(by=None, now=timezone.now(), name=name, home_store=store, **values)


def manager(store: Store) -> User:
    user = User.objects.create_user("manager", role=Role.STORE_MANAGER, is_staff=True)
    user.stores.add(store)
    return user


def pair(one: Member, other: Member) -> DuplicatePair:
    return DuplicatePair.objects.create(
        first=one, second=other, signs=["phone", "profile"], is_strong=True, found_at=timezone.now()
    )


def merged(keep: Member, goes: Member) -> None:
    merge_members(keep=keep, merge=goes, by=None, reason=WHY["reason"], now=timezone.now())


def test_list_shows_both_masked_with_what_speaks_for_it() -> None:
    one, other = a_member(identities=[{"type": "phone", "value": PHONE}]), a_member(name="林小晓")
    pair(one, other)
    text = signed_in(administrator(), "en").get("/admin/members/duplicates/").content.decode()
    for shown in ("林晓", "林小晓", "139****5678", "the same phone number, the same name, birthday and city", "strong"):
        assert shown in text
    assert PHONE not in text
    text = signed_in(User.objects.get(), "zh-hans").get("/admin/members/duplicates/").content.decode()
    assert "疑似重复会员" in text
    assert "不是同一个人" in text


def test_list_asks_the_same_of_the_database_however_many_pairs(django_assert_max_num_queries: Any) -> None:
    for _each in range(3):
        pair(a_member(), a_member())
    client = signed_in(administrator())
    client.get("/admin/members/duplicates/")
    with django_assert_max_num_queries(12):
        assert client.get("/admin/members/duplicates/").status_code == 200


def test_chosen_pairs_are_remembered_as_two_people() -> None:
    first, second = pair(a_member(), a_member()), pair(a_member(), a_member())
    by = administrator()
    answer = signed_in(by, "en").post(
        "/admin/members/duplicates/decide/", {"pair": [first.pk, second.pk, "x"]}, follow=True
    )
    assert "2 pairs will not be offered again." in answer.content.decode()
    assert set(DuplicatePair.objects.values_list("decided_by", flat=True)) == {by.pk}
    answer = signed_in(by, "en").post("/admin/members/duplicates/decide/", {"pair": [first.pk]}, follow=True)
    assert "Choose at least one pair that is still open." in answer.content.decode()


def test_plan_is_shown_before_anything_is_done_and_then_it_is_done() -> None:
    keep, goes = a_member(), a_member(name="林小晓", identities=[{"type": "phone", "value": PHONE}])
    client, address = signed_in(administrator(), "en"), f"/admin/members/merge/{keep.pk}/{goes.pk}/"
    text = client.get(address).content.decode()
    assert "What comes with it" in text
    assert "Phones, cards and other identities" in text
    assert f"/admin/members/merge/{goes.pk}/{keep.pk}/" in text, "the other way round"
    assert not Merging.objects.exists()
    answer = client.post(address, {"reason": ""}, follow=True)
    assert "Say how you know" in answer.content.decode()
    answer = client.post(address, WHY, follow=True)
    assert answer.redirect_chain == [(f"/admin/members/member/{keep.pk}/change/", 302)]
    assert Member.objects.get(pk=goes.pk).merged_into_id == keep.pk
    records = client.get(f"/admin/members/member/{keep.pk}/part/records/").content.decode()
    assert "Take the merge back…" in records
    answer = client.post(f"/admin/members/unmerge/{goes.pk}/", WHY, follow=True)
    assert answer.redirect_chain == [(f"/admin/members/member/{goes.pk}/change/", 302)]
    assert Member.objects.get(pk=goes.pk).merged_into_id is None


def test_plan_that_is_refused_says_why_and_offers_no_button() -> None:
    one, other = a_member(), a_member()
    merged(one, other)
    text = signed_in(administrator(), "en").get(f"/admin/members/merge/{one.pk}/{other.pk}/").content.decode()
    assert "One of the two was merged into another member before." in text
    assert "merge-reason" not in text
    answer = signed_in(User.objects.get(), "en").post(f"/admin/members/merge/{one.pk}/{other.pk}/", WHY, follow=True)
    assert "One of the two was merged into another member before." in answer.content.decode()
    answer = signed_in(User.objects.get(), "en").post(f"/admin/members/unmerge/{one.pk}/", WHY, follow=True)
    assert "not merged into another" in answer.content.decode()


def test_other_member_is_found_by_her_number() -> None:
    one, other = a_member(), a_member()
    client = signed_in(administrator(), "en")
    found = client.get(f"/admin/members/merge/{one.pk}/with/", {"number": f"#{other.pk}"})
    assert found.headers["location"] == f"/admin/members/merge/{one.pk}/{other.pk}/"
    for number in ("", "x", "0", "９", "9" * 30):
        answer = client.get(f"/admin/members/merge/{one.pk}/with/", {"number": number}, follow=True)
        assert "There is no member of that number" in answer.content.decode()


def test_store_manager_merges_within_her_stores_only(stores: tuple[Store, Store]) -> None:
    near, far = stores
    hers, also, theirs = a_member(near), a_member(near), a_member(far)
    client = signed_in(manager(near), "en")
    for one, other in ((hers, theirs), (theirs, hers)):
        assert client.get(f"/admin/members/merge/{one.pk}/{other.pk}/").status_code == 404
        assert client.post(f"/admin/members/merge/{one.pk}/{other.pk}/", WHY).status_code == 404
    pair(hers, theirs)
    assert "No likely duplicates" in client.get("/admin/members/duplicates/").content.decode()
    client.post("/admin/members/duplicates/decide/", {"pair": [DuplicatePair.objects.get().pk]})
    assert DuplicatePair.objects.get().decided_at is None
    answer = client.get(f"/admin/members/merge/{hers.pk}/with/", {"number": theirs.pk}, follow=True)
    assert "There is no member of that number" in answer.content.decode()
    assert client.post(f"/admin/members/merge/{hers.pk}/{also.pk}/", WHY).status_code == 302
    assert Member.objects.get(pk=also.pk).merged_into_id == hers.pk


def test_store_manager_takes_back_no_merge_into_another_store(stores: tuple[Store, Store]) -> None:
    near, far = stores
    hers, theirs = a_member(near), a_member(far)
    merged(theirs, hers)
    assert signed_in(manager(near)).post(f"/admin/members/unmerge/{hers.pk}/", WHY).status_code == 404
    assert Member.objects.get(pk=hers.pk).merged_into_id == theirs.pk


@pytest.mark.parametrize("role", [Role.GUIDE, Role.ANALYST, Role.AUDITOR, Role.LEGAL])
def test_other_roles_neither_see_nor_do_it(role: Role) -> None:
    one, other = a_member(), a_member()
    client = signed_in(User.objects.create_user("somebody", role=role, is_staff=True))
    assert client.get("/admin/members/duplicates/").status_code == 403
    assert client.get(f"/admin/members/merge/{one.pk}/{other.pk}/").status_code == 403
    assert client.post(f"/admin/members/merge/{one.pk}/{other.pk}/", WHY).status_code == 403
    assert client.post(f"/admin/members/unmerge/{one.pk}/", WHY).status_code == 403


def test_program_merges_and_takes_it_back() -> None:
    keep, goes, client = api.member(), api.member("V1"), api.client()
    body = {"member": {"type": "external_id", "value": "V1"}, **WHY}
    headers = {"Idempotency-Key": "one"}
    answers = [client.post(f"/api/v1/members/{keep.pk}/merge/", body, headers=headers) for _turn in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], "the same request once more does nothing more"
    assert answers[0].content == answers[1].content
    assert {name: answers[0].json()[name] for name in ("member_id", "into_id", "undone_at")} == {
        "member_id": goes.pk, "into_id": keep.pk, "undone_at": None,
    }  # fmt: skip
    assert client.get(f"/api/v1/members/{goes.pk}/").json()["merged_into_id"] == keep.pk
    known = client.get(f"/api/v1/members/{keep.pk}/").json()["identities"]
    assert "V1" in [each["value"] for each in known]
    refused = client.post(f"/api/v1/members/{keep.pk}/merge/", {"member": {"id": goes.pk}, **WHY})
    assert (refused.status_code, api.errors(refused)["code"]) == (409, "merged_already")
    done = client.post(f"/api/v1/members/{goes.pk}/unmerge/", WHY)
    assert done.json()["undone_at"] is not None
    refused = client.post(f"/api/v1/members/{goes.pk}/unmerge/", WHY)
    assert (refused.status_code, api.errors(refused)["code"]) == (409, "not_merged")


def test_program_is_told_what_is_wrong() -> None:
    keep, client = api.member(), api.client()
    for body, field in (
        ({"member": {"id": 4711}, **WHY}, None),
        ({"member": {"id": keep.pk}, "reason": "x"}, "reason"),
    ):
        answer = client.post(f"/api/v1/members/{keep.pk}/merge/", body)
        assert answer.status_code == (404 if field is None else 400), answer.content
    unknown = {"member": {"type": "card", "value": "nobody"}, **WHY}
    assert client.post(f"/api/v1/members/{keep.pk}/merge/", unknown).status_code == 404
    herself = client.post(f"/api/v1/members/{keep.pk}/merge/", {"member": {"id": keep.pk}, **WHY})
    assert (herself.status_code, api.errors(herself)["code"]) == (409, "merge_of_one")


def test_key_without_the_scope_merges_nobody() -> None:
    keep, goes = api.member(), api.member()
    client = api.client("members:read", "members:write")
    assert client.post(f"/api/v1/members/{keep.pk}/merge/", {"member": {"id": goes.pk}, **WHY}).status_code == 403
    assert client.post(f"/api/v1/members/{goes.pk}/unmerge/", WHY).status_code == 403


def test_order_of_a_merged_record_is_sent_again_and_answered_as_stored() -> None:
    keep, goes, client = api.member(), api.member(), api.client()
    sent = client.post("/api/v1/purchases/", api.order(goes))
    merged(keep, goes)
    again = client.post("/api/v1/purchases/", api.order(goes))
    assert (sent.status_code, again.status_code) == (201, 200)
    assert again.json() == sent.json()
    assert len(client.get(f"/api/v1/members/{keep.pk}/purchases/").json()["results"]) == 1
