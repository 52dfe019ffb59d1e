"""What a guide sees of her members on Today, and noting that she saw to it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.models import ContactStatus
from dashboards.errors import FollowUpNotValid
from dashboards.models import ChurnFlag, FollowUp
from dashboards.selectors.follow_ups import follow_ups_for
from dashboards.services.follow_ups import follow_up
from loyalty.models import CouponGrant
from members.models import Member
from segments.models import TierChange
from tests.brand import _run, signed_in
from tests.loyalty import offers

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY_PAGE, SEEN_TO = "/admin/today/", "/admin/today/follow-ups/"


@pytest.fixture
def guide() -> User:
    return User.objects.create_user("guide", role=Role.GUIDE, is_staff=True)


@pytest.fixture
def client(guide: User) -> Client:
    return signed_in(guide, "en")


def born(member_of: User | None, day: date, year: int = 1990) -> Member:
    return Member.objects.create(name=f"林{day.day}", guide=member_of, birthday=day.replace(year=year))


def flag(member: Member, since: date) -> ChurnFlag:
    return ChurnFlag.objects.create(member=member, seen=since - 4 * DAY, days=3, scope="all", since=since)


def shown(user: User, now: datetime | None = None) -> dict[str, list[tuple[int, int]]]:
    groups = follow_ups_for(user, now=now or timezone.now())
    return {group.kind: [(member.pk, reason.days) for reason, member in group.dues] for group in groups}


def test_birthdays_of_a_week_of_her_own_members_the_nearest_first(guide: User) -> None:
    today = timezone.localdate()
    other = User.objects.create_user("other", role=Role.GUIDE)
    soon, now = born(guide, today + 6 * DAY), born(guide, today)
    born(guide, today + 7 * DAY)
    born(guide, today - DAY)
    born(other, today)
    born(None, today)
    assert shown(guide) == {"birthday": [(now.pk, 0), (soon.pk, 6)]}


def test_birthday_on_a_leap_day_is_kept_the_day_before_and_over_new_year(guide: User) -> None:
    leap = Member.objects.create(guide=guide, birthday=date(1992, 2, 29))
    new_year = Member.objects.create(guide=guide, birthday=date(1992, 1, 2))
    noon = datetime(2027, 2, 26, 12, tzinfo=timezone.get_default_timezone())
    assert shown(guide, noon) == {"birthday": [(leap.pk, 2)]}
    assert shown(guide, datetime(2026, 12, 30, 12, tzinfo=timezone.get_default_timezone())) == {
        "birthday": [(new_year.pk, 3)]
    }
    assert shown(guide, datetime(2028, 2, 25, 12, tzinfo=timezone.get_default_timezone())) == {
        "birthday": [(leap.pk, 4)]
    }


def test_silent_tier_losses_and_ending_coupons_are_named(guide: User) -> None:
    now = timezone.now()
    silent, fallen, holder = (Member.objects.create(name=name, guide=guide) for name in ("甲", "乙", "丙"))
    flag(silent, timezone.localdate(now) - DAY)
    run = _run()
    for before, after in (("high_value", "regular"), ("regular", "high_value"), ("new", "regular")):
        TierChange.objects.create(member=fallen, at=now - DAY, from_tier=before, to_tier=after, run=run)
    coupon = offers.live(starts_at=now - 5 * DAY, ends_at=now + 2 * DAY)
    for number, redeemed in ((1, None), (2, now)):
        CouponGrant.objects.create(
            coupon=coupon,
            member=holder,
            ordinal=number,
            lookup=bytes([number] * 32),
            claimed_at=now,
            redeemed_at=redeemed,
        )
    found = shown(guide, now)
    assert {kind: [pk for pk, _days in rows] for kind, rows in found.items()} == {
        "coupon": [holder.pk],
        "tier_loss": [fallen.pk],
        "silent": [silent.pk],
    }
    assert found["silent"] == [(silent.pk, 4)]


def test_what_was_seen_to_is_gone_and_the_next_ones_come(guide: User, client: Client) -> None:
    today = timezone.localdate()
    members = [Member.objects.create(name=f"会员{place}", guide=guide) for place in range(9)]
    for member in members:
        flag(member, today)
    groups = client.get(TODAY_PAGE).context["follow_ups"]
    assert [(group["kind"], len(group["rows"]), group["more"]) for group in groups] == [("silent", 6, True)]
    for row in groups[0]["rows"]:
        form = {"member": row["member"].pk, "kind": row["kind"], "about": row["about"]}
        assert client.post(SEEN_TO, form).headers["Location"] == TODAY_PAGE
    groups = client.get(TODAY_PAGE).context["follow_ups"]
    assert [(len(group["rows"]), group["more"]) for group in groups] == [(3, False)]
    assert FollowUp.objects.count() == AuditEntry.objects.filter(action="dashboards.follow_up").count() == 6


def test_everybody_is_shown_until_all_were_seen_to_however_many(guide: User) -> None:
    """The nearest first, whichever record is older."""
    now = timezone.now()
    today = timezone.localdate(now)
    members = [born(guide, today + 3 * DAY) for _place in range(70)]
    soon = born(guide, today)
    coupon = offers.live(starts_at=now - 5 * DAY, ends_at=now + 2 * DAY)
    CouponGrant.objects.bulk_create(
        CouponGrant(coupon=coupon, member=member, ordinal=place, lookup=place.to_bytes(32, "big"), claimed_at=now)
        for place, member in enumerate(members * 2, start=1)
    )
    run = _run()
    TierChange.objects.bulk_create(
        TierChange(member=member, at=now - DAY, from_tier="high_value", to_tier="regular", run=run)
        for member in members
    )
    assert shown(guide, now)["birthday"][0] == (soon.pk, 0)
    seen: dict[str, set[int]] = {}
    while groups := follow_ups_for(guide, now=now):
        for group in groups:
            assert group.more is (len(seen.setdefault(group.kind, set())) + len(group.dues) < how_many(group.kind))
            for reason, member in group.dues:
                assert member.pk not in seen[group.kind]
                seen[group.kind].add(member.pk)
                follow_up(member_id=member.pk, kind=group.kind, about=reason.about, by=guide, now=now)
    everybody = {member.pk for member in members}
    assert seen == {"birthday": {*everybody, soon.pk}, "coupon": everybody, "tier_loss": everybody}


def how_many(kind: str) -> int:
    return 71 if kind == "birthday" else 70


def test_person_whose_data_are_only_stored_is_put_before_nobody(guide: User) -> None:
    today = timezone.localdate()
    member, record = born(guide, today), Member.objects.create(name="另一条")
    Member.objects.filter(pk=record.pk).update(merged_into=member)
    flag(member, today)
    assert set(shown(guide)) == {"birthday", "silent"}
    status = ContactStatus.objects.create(member=record, restricted_at=timezone.now())
    assert shown(guide) == {}
    with pytest.raises(FollowUpNotValid):
        follow_up(member_id=member.pk, kind="birthday", about=today, by=guide, now=timezone.now())
    ContactStatus.objects.filter(pk=status.pk).update(restricted_at=None)
    assert set(shown(guide)) == {"birthday", "silent"}


def test_the_same_click_twice_counts_once(guide: User, client: Client) -> None:
    member = born(guide, timezone.localdate())
    for _time in range(2):
        client.post(SEEN_TO, {"member": member.pk, "kind": "birthday", "about": timezone.localdate().isoformat()})
    assert FollowUp.objects.count() == 1
    assert shown(guide) == {}


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "party"}, {"about": "soon"}, {"about": "2026-02-30"}, {"kind": "silent"}, {"about": "2020-01-01"}],
)
def test_wrong_forms_say_so_and_keep_nothing(guide: User, client: Client, wrong: dict[str, Any]) -> None:
    member = born(guide, timezone.localdate())
    form = {"member": member.pk, "kind": "birthday", "about": timezone.localdate().isoformat(), **wrong}
    assert "This is nothing to follow up." in client.post(SEEN_TO, form, follow=True).content.decode()
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "9" * 40, "-1", "0"])
def test_unknown_members_are_not_found(client: Client, number: str) -> None:
    form = {"member": number, "kind": "birthday", "about": "2026-11-22"}
    assert client.post(SEEN_TO, form).status_code == 404


def test_nobody_sees_to_the_member_of_another(client: Client) -> None:
    other = User.objects.create_user("other", role=Role.GUIDE)
    member = born(other, timezone.localdate())
    form = {"member": member.pk, "kind": "birthday", "about": timezone.localdate().isoformat()}
    assert client.post(SEEN_TO, form).status_code == 404
    assert client.get(SEEN_TO).status_code == 405
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_page_of_a_guide_has_words_for_each(guide: User, language: str) -> None:
    client = signed_in(guide, language)
    nothing = {"en": "Nobody of yours needs you today.", "zh-hans": "今天没有需要跟进的会员。"}
    assert nothing[language] in client.get(TODAY_PAGE).content.decode()
    born(guide, timezone.localdate() + DAY)
    page = client.get(TODAY_PAGE).content.decode()
    assert {"en": "tomorrow", "zh-hans": "明天"}[language] in page


def test_marketers_have_no_members_of_their_own() -> None:
    marketer = User.objects.create_user("m", role=Role.MARKETER, is_staff=True)
    assert signed_in(marketer).get(TODAY_PAGE).context["follow_ups"] is None


def test_queries_stay_as_they_are_however_many_members(guide: User, client: Client) -> None:
    today, counts = timezone.localdate(), []
    with time_machine.travel(timezone.now(), tick=False):
        for _round in range(2):
            for _place in range(8):
                flag(born(guide, today), today)
            client.get(TODAY_PAGE)
            with CaptureQueriesContext(connection) as captured:
                client.get(TODAY_PAGE)
            counts.append(len(captured))
    assert counts[0] == counts[1] <= 22
