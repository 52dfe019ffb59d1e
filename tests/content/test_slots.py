"""The calendar's verbs: nothing unapproved is scheduled, nothing is planned for the past, everything is recorded."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.models import InAppNotice
from audit.models import AuditEntry
from compliance.errors.content import WordsForbidden
from compliance.models import Review
from compliance.services.reviews import approve, expire_reviews, send_back, submit
from content.errors import (
    MaterialNeeded,
    NotApproved,
    SlotInThePast,
    SlotMoved,
    SlotNotSaved,
    SlotsOverlap,
    SlotStateWrong,
    TooEarly,
)
from content.models import Slot
from content.selectors.slots import overlapping
from content.services import slots as services
from content.services.measuring import measure_all, watch
from segments.errors import AudienceInUse
from segments.services import audiences
from tests.campaigns.activities import audience
from tests.content.people import DAY, HOUR, NOW, approved, lawyer, marketer, review_of, slot, version

pytestmark = [pytest.mark.django_db]


def acts_of(given: Slot) -> list[str]:
    entries = AuditEntry.objects.filter(object_type="content.slot", object_id=str(given.pk)).order_by("id")
    return list(entries.values_list("action", flat=True))


def test_slot_goes_from_draft_to_published_and_every_step_is_recorded() -> None:
    made = slot(given=version())
    made = services.submit_slot(slot=made, by=marketer(), now=NOW)
    assert made.state == "in_review"
    review = review_of(made.version)
    pass_review(review)
    made.refresh_from_db()
    assert made.state == "approved"
    made = services.schedule_slot(slot=made, by=marketer(), now=NOW)
    link = "https://example.com/a"
    made = services.publish_slot(slot=made, link=link, by=marketer(), now=made.planned_at)
    assert (made.state, made.link, made.published_by) == ("published", link, marketer())
    assert acts_of(made) == [f"content.slot.{each}" for each in ("create", "submit", "approve", "schedule", "publish")]


def pass_review(review: Review) -> None:
    approve(review=review, digest=review.digest, by=lawyer(), now=NOW)


def test_slot_with_approved_material_is_approved_on_submission() -> None:
    assert services.submit_slot(slot=slot(given=approved()), by=marketer(), now=NOW).state == "approved"


def test_slot_without_material_goes_no_further() -> None:
    with pytest.raises(MaterialNeeded):
        services.submit_slot(slot=slot(), by=marketer(), now=NOW)


def test_unapproved_is_not_scheduled() -> None:
    made = slot(given=version())
    with pytest.raises(NotApproved):
        services.schedule_slot(slot=made, by=marketer(), now=NOW)
    made.refresh_from_db()
    assert made.state == "draft"


def test_approval_that_ends_before_the_day_does_not_reach_to_it() -> None:
    given = approved(days=3)
    made = services.submit_slot(slot=slot(given=given), by=marketer(), now=NOW)
    made = services.schedule_slot(slot=made, by=marketer(), now=NOW)
    with pytest.raises(NotApproved):
        services.move_slot(slot=made, planned_at=NOW + 5 * DAY, by=marketer(), now=NOW)
    made.refresh_from_db()
    assert made.planned_at == NOW + 2 * DAY


def test_approval_that_ends_too_soon_is_said_on_submission() -> None:
    made = slot(given=approved(days=1))
    with pytest.raises(NotApproved):
        services.submit_slot(slot=made, by=marketer(), now=NOW)


def test_forbidden_words_stop_the_submission_and_nothing_is_half_done() -> None:
    made = slot(given=version("全网最低价，国家级品质"))
    with pytest.raises(WordsForbidden):
        services.submit_slot(slot=made, by=marketer(), now=NOW)
    made.refresh_from_db()
    assert made.state == "draft"
    assert acts_of(made) == ["content.slot.create"]


def scheduled() -> Slot:
    made = services.submit_slot(slot=slot(given=approved()), by=marketer(), now=NOW)
    return services.schedule_slot(slot=made, by=marketer(), now=NOW)


def test_withdrawn_approval_takes_scheduled_slots_back_and_tells_their_owner() -> None:
    made = scheduled()
    send_back(review=review_of(made.version), reason="数据有误", by=lawyer(), now=NOW)
    made.refresh_from_db()
    assert made.state == "draft"
    assert InAppNotice.objects.filter(recipient=marketer(), title__contains=made.title).count() == 1


def test_expired_approval_takes_scheduled_slots_back() -> None:
    made = scheduled()
    assert expire_reviews(now=NOW + 200 * DAY) == 1
    made.refresh_from_db()
    assert made.state == "draft"


def test_returned_text_takes_the_waiting_slot_back() -> None:
    made = services.submit_slot(slot=slot(given=version()), by=marketer(), now=NOW)
    send_back(review=review_of(made.version), reason="请补充依据", by=lawyer(), now=NOW)
    made.refresh_from_db()
    assert made.state == "draft"


def test_review_submitted_from_the_library_moves_the_slot_when_it_is_approved() -> None:
    made = slot(given=version())
    review = submit(review=review_of(made.version), by=marketer(), now=NOW)
    made = services.submit_slot(slot=made, by=marketer(), now=NOW)
    assert made.state == "in_review"
    pass_review(review)
    made.refresh_from_db()
    assert made.state == "approved"


def test_past_is_refused() -> None:
    with pytest.raises(SlotInThePast):
        slot(at=NOW)
    with pytest.raises(SlotInThePast):
        services.move_slot(slot=slot(), planned_at=NOW - DAY, by=marketer(), now=NOW)
    with pytest.raises(SlotNotSaved):
        slot(at=NOW + 2000 * DAY)
    assert Slot.objects.count() == 1


def test_overlap_is_said_with_the_other_title_and_may_be_meant() -> None:
    first = slot(title="第一场", at=NOW + DAY)
    with pytest.raises(SlotsOverlap) as refused:
        slot(title="第二场", at=NOW + DAY + timedelta(minutes=10))
    assert "第一场" in str(refused.value.message)
    both = slot(title="第二场", at=NOW + DAY + timedelta(minutes=10), allow_overlap=True)
    assert overlapping(both) == [first]
    slot(title="之后", at=NOW + DAY + timedelta(minutes=25))  # each takes fifteen minutes
    services.cancel_slot(slot=first, by=marketer(), now=NOW)
    assert overlapping(both) == []


def test_slots_for_different_audiences_are_not_in_each_others_way() -> None:
    first, chosen = slot(at=NOW + DAY), audience()
    second = slot(title="同时", at=NOW + DAY, allow_overlap=True)
    services.edit_slot(slot=second, values={"audience_id": chosen.pk}, by=marketer(), now=NOW)
    assert (overlapping(Slot.objects.get(pk=second.pk)), overlapping(first)) == ([], [])


def test_audience_of_a_slot_that_waits_is_not_archived_and_an_archived_one_is_refused() -> None:
    chosen, planned = audience(), slot(at=NOW + DAY)
    services.edit_slot(slot=planned, values={"audience_id": chosen.pk}, by=marketer(), now=NOW)
    with pytest.raises(AudienceInUse, match=planned.title):
        audiences.archive(audience=chosen, by=None, now=NOW)
    services.cancel_slot(slot=planned, by=None, now=NOW)
    audiences.archive(audience=chosen, by=None, now=NOW)
    services.restore_slot(slot=planned, by=None, now=NOW)
    with pytest.raises(SlotNotSaved) as caught:
        services.edit_slot(slot=planned, values={"note": "带样品"}, by=marketer(), now=NOW)
    assert list(caught.value.fields) == ["audience"]


def test_long_session_overlaps_what_begins_within_it() -> None:
    slot("live", at=NOW + DAY)
    with pytest.raises(SlotsOverlap):
        slot(at=NOW + DAY + timedelta(minutes=80))
    slot(at=NOW + DAY + timedelta(minutes=90))


def test_longer_slot_or_another_audience_asks_for_its_place_again() -> None:
    first, chosen = slot(title="第一场", at=NOW + DAY), audience()
    for_chosen = slot(title="同时", at=NOW + DAY, allow_overlap=True)
    services.edit_slot(slot=for_chosen, values={"audience_id": chosen.pk}, by=marketer(), now=NOW)
    before = slot(title="之前", at=NOW + DAY - HOUR)

    def edit(made: Slot, values: dict[str, object], *, meant: bool = False) -> Slot:
        return services.edit_slot(slot=made, values=values, by=marketer(), now=NOW, allow_overlap=meant)

    for made, values, other in ((before, {"minutes": 61}, "第一场"), (for_chosen, {"audience_id": None}, "之前")):
        with pytest.raises(SlotsOverlap, match=other):
            edit(made, values)
        edit(made, {"note": "带样品"})
        assert overlapping(Slot.objects.get(pk=made.pk)) == []
        assert first in overlapping(edit(made, values, meant=True))
        edit(made, {"note": "不带样品"})
    edit(before, {"minutes": 60})


def test_replanning_asks_for_the_new_place_alone() -> None:
    first, second = slot(at=NOW + DAY), slot(at=NOW + DAY - HOUR, title="之前")
    values = {"minutes": 90}
    with pytest.raises(SlotsOverlap):
        services.replan_slot(slot=second, values=values, planned_at=second.planned_at, by=marketer(), now=NOW)
    with pytest.raises(SlotsOverlap):
        services.replan_slot(slot=second, values=values, planned_at=NOW + DAY - HOUR / 2, by=marketer(), now=NOW)
    second.refresh_from_db()
    assert (second.minutes, second.planned_at) == (15, NOW + DAY - HOUR)
    moved = services.replan_slot(slot=second, values=values, planned_at=NOW + 2 * DAY, by=marketer(), now=NOW)
    assert (moved.minutes, moved.planned_at, overlapping(first)) == (90, NOW + 2 * DAY, [])


def test_slot_that_comes_back_asks_for_its_place_again() -> None:
    made = services.cancel_slot(slot=slot(), by=marketer(), now=NOW)
    other = slot(title="补位")
    with pytest.raises(SlotsOverlap, match="补位"):
        services.restore_slot(slot=made, by=marketer(), now=NOW)
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert services.restore_slot(slot=made, by=marketer(), now=other.planned_at).state == "missed"
    Slot.objects.filter(pk=made.pk).update(state="cancelled")
    both = services.restore_slot(slot=made, by=marketer(), now=NOW, allow_overlap=True)
    assert (both.state, overlapping(both)) == ("draft", [other])


def test_move_notices_that_somebody_else_moved_it() -> None:
    made = slot()
    seen = made.planned_at
    services.move_slot(slot=made, planned_at=NOW + 3 * DAY, seen_at=seen, by=marketer(), now=NOW)
    with pytest.raises(SlotMoved):
        services.move_slot(slot=made, planned_at=NOW + 4 * DAY, seen_at=seen, by=marketer(), now=NOW)
    made.refresh_from_db()
    assert made.planned_at == NOW + 3 * DAY


def test_scheduled_slot_stays_scheduled_when_moved() -> None:
    moved = services.move_slot(slot=scheduled(), planned_at=NOW + 9 * DAY, by=marketer(), now=NOW)
    assert (moved.state, moved.planned_at) == ("scheduled", NOW + 9 * DAY)


def test_publishing_needs_a_link_the_time_and_a_standing_approval() -> None:
    made = scheduled()
    for link in (
        "",
        "javascript:alert(1)",
        "http://",
        "example.com",
        "https://example.com/a b",
        "https://x.cn/" + "a" * 1000,
    ):
        with pytest.raises(SlotNotSaved):
            services.publish_slot(slot=made, link=link, by=marketer(), now=made.planned_at)
    with pytest.raises(TooEarly):
        services.publish_slot(slot=made, link="https://example.com/a", by=marketer(), now=made.planned_at - 2 * HOUR)
    services.publish_slot(slot=made, link="https://example.com/a", by=marketer(), now=made.planned_at - HOUR)
    with pytest.raises(SlotStateWrong):
        services.publish_slot(slot=made, link="https://example.com/a", by=marketer(), now=made.planned_at)


def missed(made: Slot) -> Slot:
    watch(now=made.planned_at + 26 * HOUR)
    made.refresh_from_db()
    assert made.state == "missed"
    return made


def confirm(made: Slot, when: datetime, *, now: datetime) -> Slot:
    link = "https://example.com/a"
    return services.publish_slot(slot=made, link=link, published_at=when, by=marketer(), now=now)


def test_what_was_published_in_time_is_recorded_after_it_was_missed() -> None:
    made = missed(scheduled())
    when, now = made.planned_at + HOUR, made.planned_at + 40 * DAY
    kept = confirm(made, when, now=now)
    assert (kept.state, kept.published_at, acts_of(kept)[-2:]) == (
        "published",
        when,
        ["content.slot.miss", "content.slot.publish"],
    )
    entry = AuditEntry.objects.get(action="content.slot.publish")
    assert entry.changes["state"] == ["missed", "published"]


def test_what_was_published_long_ago_is_measured_all_the_same() -> None:
    made = missed(scheduled())
    now = made.planned_at + 100 * DAY
    confirm(made, made.planned_at, now=now)
    assert measure_all(now=now) == 1
    made.refresh_from_db()
    assert made.state == "measured"
    assert measure_all(now=now) == 0


@pytest.mark.parametrize(
    ("approved_for", "hours", "is_recorded"), [(180, 1, True), (3, 1, True), (3, 23, True), (3, 25, False)]
)
def test_approval_is_judged_as_of_the_moment_of_publishing(approved_for: int, hours: int, is_recorded: bool) -> None:
    """The slot is planned two days after the approval, and recorded when an approval of three days has run out."""
    made = services.submit_slot(slot=slot(given=approved(days=approved_for)), by=marketer(), now=NOW)
    made = missed(services.schedule_slot(slot=made, by=marketer(), now=NOW))
    now = made.planned_at + 30 * HOUR
    expire_reviews(now=now)
    if is_recorded:
        assert confirm(made, made.planned_at + hours * HOUR, now=now).state == "published"
    else:
        with pytest.raises(NotApproved):
            confirm(made, made.planned_at + hours * HOUR, now=now)


def test_approval_that_was_taken_back_or_given_later_is_none_at_the_moment() -> None:
    made = scheduled()
    taken_back = made.planned_at + HOUR
    send_back(review=review_of(made.version), reason="数据有误", by=lawyer(), now=taken_back)
    made = missed(made)
    again = made.planned_at + 30 * HOUR
    review = submit(review=review_of(made.version), by=marketer(), now=again)
    approve(review=review, digest=review.digest, by=lawyer(), now=again)
    now = again + HOUR
    for when in (taken_back, again - HOUR):
        with pytest.raises(NotApproved):
            confirm(made, when, now=now)
    with pytest.raises(SlotNotSaved) as refused:
        confirm(made, now + HOUR, now=now)
    assert list(refused.value.fields) == ["published_at"]
    with pytest.raises(TooEarly):
        confirm(made, made.planned_at - 2 * HOUR, now=now)
    assert confirm(made, taken_back - HOUR / 2, now=now).state == "published"


def test_what_was_published_before_its_approval_was_taken_back_is_recorded_at_once() -> None:
    made = scheduled()
    when, back = made.planned_at + HOUR, made.planned_at + 2 * HOUR
    send_back(review=review_of(made.version), reason="数据有误", by=lawyer(), now=back)
    made.refresh_from_db()
    assert made.state == "draft"
    with pytest.raises(NotApproved):
        confirm(made, back + HOUR / 2, now=back + HOUR)
    assert confirm(made, when, now=back + HOUR).state == "published"


def never(made: Slot) -> Slot:
    return made


def withdrawn(made: Slot) -> Slot:
    return services.withdraw_slot(slot=scheduled_of(made), by=marketer(), now=NOW)


def cancelled(made: Slot) -> Slot:
    gone = services.cancel_slot(slot=scheduled_of(made), by=marketer(), now=NOW)
    return services.restore_slot(slot=gone, by=marketer(), now=NOW)


def moved(made: Slot) -> Slot:
    back = withdrawn(made)
    return services.move_slot(slot=back, planned_at=NOW + 3 * DAY, by=marketer(), now=NOW)


def of_another_material(made: Slot) -> Slot:
    values = {"version_id": approved("另一段文字").pk}
    return services.edit_slot(slot=scheduled_of(made), values=values, by=marketer(), now=NOW)


def scheduled_of(made: Slot) -> Slot:
    made = services.submit_slot(slot=made, by=marketer(), now=NOW)
    return services.schedule_slot(slot=made, by=marketer(), now=NOW)


@pytest.mark.parametrize("unscheduled", [never, withdrawn, cancelled, moved, of_another_material])
def test_missed_slot_that_was_not_scheduled_was_not_published(unscheduled: Callable[[Slot], Slot]) -> None:
    """Its material is approved all the time: that is not enough."""
    made = missed(unscheduled(slot(given=approved())))
    with pytest.raises(SlotStateWrong):
        confirm(made, made.planned_at + HOUR, now=made.planned_at + 30 * HOUR)
    again = services.move_slot(slot=made, planned_at=made.planned_at + 9 * DAY, by=marketer(), now=NOW + 6 * DAY)
    assert again.state == "approved"


def test_moved_slot_that_stays_scheduled_is_recorded_after_it_was_missed() -> None:
    made = services.move_slot(slot=scheduled(), planned_at=NOW + 3 * DAY, by=marketer(), now=NOW)
    made = missed(made)
    assert confirm(made, made.planned_at, now=made.planned_at + 30 * HOUR).state == "published"


def test_another_material_takes_a_scheduled_slot_back() -> None:
    made = scheduled()
    other = version("另一段文字", title="另一份")
    edited = services.edit_slot(slot=made, values={"version_id": other.pk}, by=marketer(), now=NOW)
    assert edited.state == "draft"
    edited = services.edit_slot(slot=edited, values={"title": "新标题"}, by=marketer(), now=NOW)
    assert (edited.state, edited.title) == ("draft", "新标题")


def test_published_slot_is_changed_by_nobody() -> None:
    made = scheduled()
    services.publish_slot(slot=made, link="https://example.com/a", by=marketer(), now=made.planned_at)
    for step in (services.cancel_slot, services.withdraw_slot, services.schedule_slot):
        with pytest.raises(SlotStateWrong):
            step(slot=made, by=marketer(), now=NOW)
    with pytest.raises(SlotStateWrong):
        services.move_slot(slot=made, planned_at=NOW + 9 * DAY, by=marketer(), now=NOW)
    with pytest.raises(SlotStateWrong):
        services.edit_slot(slot=made, values={"title": "x"}, by=marketer(), now=NOW)


def test_cancelled_slot_comes_back_as_draft_or_as_missed() -> None:
    made = services.cancel_slot(slot=slot(), by=marketer(), now=NOW, reason="改期")
    assert services.restore_slot(slot=made, by=marketer(), now=NOW).state == "draft"
    made = services.cancel_slot(slot=made, by=marketer(), now=NOW)
    assert services.restore_slot(slot=made, by=marketer(), now=NOW + 9 * DAY).state == "missed"


@pytest.mark.parametrize("title", ["", "   ", "长" * 121, "a\x00b"])
def test_title_that_cannot_stand_is_refused(title: str) -> None:
    with pytest.raises(SlotNotSaved):
        slot(title=title)


def test_clock_tells_the_owner_once_and_misses_what_nobody_published() -> None:
    made = scheduled()
    draft = slot(at=NOW + 2 * DAY + HOUR)
    assert watch(now=NOW + DAY) == {"due": 0, "missed": 0}
    assert watch(now=made.planned_at) == {"due": 1, "missed": 0}
    assert watch(now=made.planned_at + HOUR) == {"due": 0, "missed": 0}
    late = made.planned_at + 26 * HOUR
    assert watch(now=late) == {"due": 0, "missed": 2}
    assert watch(now=late) == {"due": 0, "missed": 0}
    for each in (made, draft):
        each.refresh_from_db()
        assert each.state == "missed"
    again = services.move_slot(slot=made, planned_at=late + DAY, by=marketer(), now=late)
    assert again.state == "approved"
