"""The birthday of a person with several records: shown, filtered and congratulated on once; a child by any of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from dashboards.selectors.follow_ups import follow_ups_for
from members.models import Identity, Member, filter_members
from members.selectors.persons import birthday_of
from members.services import add_identity
from members.services.revealing import ApprovalNeeded, reveal
from tests.api import client
from tests.brand import administrator, signed_in

pytestmark = pytest.mark.django_db
MAY, JUNE, JULY = date(1990, 5, 1), date(1988, 6, 2), date(1992, 7, 3)


def person(own: date | None, *merged: date | None) -> Member:
    owner = Member.objects.create(name="林晓", birthday=own)
    for each in merged:
        Member.objects.create(name="林晓", birthday=each, merged_into=owner)
    return owner


def born_in(*months: int) -> set[int]:
    found = filter_members(
        Member.objects.active(), {"birthday_month": [str(month) for month in months]}, now=timezone.now()
    )
    return set(found.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("own", "merged", "hers"),
    [
        (MAY, (JUNE, JULY), MAY),
        (None, (JUNE, JULY, None), JULY),
        (None, (None,), None),
        (None, (), None),
        (MAY, (), MAY),
    ],
)
def test_her_own_record_says_it_else_the_latest_of_the_others(
    own: date | None, merged: tuple[date | None, ...], hers: date | None
) -> None:
    owner = person(own, *merged)
    Member.objects.create(birthday=date(1970, 5, 5))
    assert birthday_of(owner) == hers
    for month in (5, 6, 7):
        assert (owner.pk in born_in(month)) is (hers is not None and hers.month == month)
    assert (owner.pk in born_in(5, 6, 7)) is (hers is not None)


def test_page_and_api_of_the_member_show_it() -> None:
    owner = person(None, JULY)
    reader = client("members:read")
    assert reader.get(f"/api/v1/members/{owner.pk}/").json()["birthday"] == "1992-07-03"
    assert [each["birthday"] for each in reader.get("/api/v1/members/").json()["results"]] == ["1992-07-03"]
    assert "1992-07-03" in signed_in(administrator()).get(f"/admin/members/member/{owner.pk}/change/").content.decode()


def test_guide_congratulates_on_the_day_of_the_person_once() -> None:
    guide, noon = User.objects.create_user("guide", role=Role.GUIDE, is_staff=True), datetime(2026, 7, 3, 4, tzinfo=UTC)
    expected = []
    for own, merged in ((None, JULY), (JULY, JULY), (MAY, JULY), (None, None)):
        owner = person(own, merged)
        expected += [owner.pk] if (own or merged) == JULY else []
        Member.objects.filter(pk=owner.pk).update(guide=guide)
    groups = {group.kind: group.dues for group in follow_ups_for(guide, now=noon)}
    assert [member.pk for _reason, member in groups["birthday"]] == expected


def test_child_by_a_merged_record_is_not_revealed_without_a_second_person() -> None:
    owner = person(JUNE, timezone.localdate() - timedelta(days=3000))
    add_identity(member=owner, type="phone", value="13800138000", source="test", by=None, now=timezone.now())
    with pytest.raises(ApprovalNeeded):
        reveal(identity=Identity.objects.get(), reason="电话核实身份", by=administrator("one"), now=timezone.now())
