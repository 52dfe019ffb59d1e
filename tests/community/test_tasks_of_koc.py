"""Tasks, deliveries and benefits: seats exact, rewards once, what was promised kept."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from accounts.models import InAppNotice
from audit.models import AuditEntry
from community.enums.work import DeliveryState, TaskState
from community.errors.work import (
    BenefitNotValid,
    DeliveryNotValid,
    DeliveryStateWrong,
    NobodyForBenefit,
    TaskFull,
    TaskNotHers,
    TaskNotValid,
    TaskStateWrong,
)
from community.models import Delivery, LedgerTransaction, Task, Ugc, WorkFile
from community.selectors.benefits import plan_for
from community.selectors.tasks_of_koc import (
    after,
    counts_of,
    deliveries_of,
    late_deliveries,
    mark_of,
    may_take,
    waiting_deliveries,
)
from community.services.benefits import add_benefit, give_benefit, give_due, switch_benefit
from community.services.handing_in import (
    Piece,
    accept_task,
    approve_delivery,
    deliver,
    drop_delivery,
    return_delivery,
)
from community.services.koc_merging import follow_merge
from community.services.tasks_of_koc import cancel_task, change_task, close_task, open_task, plan_of
from community.services.ugc import put_away
from community.services.work_files import as_upload, place_of
from loyalty.models import CouponGrant
from members.models import Member
from tests.community import earnings as cast
from tests.community.earnings import DAY, NOW, later
from tests.loyalty import offers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def handed_in(delivery: Delivery, at: Any = NOW, **piece: Any) -> Delivery:
    return deliver(delivery=delivery, piece=Piece(**(piece or {"text": "真实感受三句。"})), by=None, now=at)


def approve(delivery: Delivery, at: Any = NOW) -> Delivery:
    return approve_delivery(delivery=delivery, by=cast.marketer(), now=at)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", "长" * 81),
        ("brief", ""),
        ("wish", "song"),
        ("level", "star"),
        ("owner_id", 0),
        ("due_at", None),
        ("due_at", NOW - DAY),
        ("seats", 0),
        ("reward_amount", Decimal(0)),
        ("reward_amount", Decimal("1.005")),
        ("reward_coupon_id", 999_999),
    ],
)
def test_task_that_cannot_be_is_refused_by_its_field(field: str, value: Any) -> None:
    with pytest.raises(TaskNotValid) as refused:
        cast.task(**{field: value})
    assert list(refused.value.fields) == [field]
    assert not Task.objects.exists()


def test_seats_are_never_more_than_the_task_has() -> None:
    task = cast.opened(seats=2)
    first, second, third = (cast.koc("co_creation") for _each in range(3))
    seat = accept_task(task=task, koc=first, by=None, now=NOW)
    assert accept_task(task=task, koc=first, by=None, now=NOW).pk == seat.pk
    accept_task(task=task, koc=second, by=None, now=NOW)
    with pytest.raises(TaskFull):
        accept_task(task=task, koc=third, by=None, now=NOW)
    drop_delivery(delivery=seat, reason="没有时间", by=None, now=NOW)
    accept_task(task=task, koc=third, by=None, now=NOW)
    task.refresh_from_db()
    assert (task.taken, task.deliveries.exclude(state="dropped").count()) == (2, 2)
    with pytest.raises(TaskFull):
        accept_task(task=task, koc=first, by=None, now=NOW)


def test_task_is_for_active_koc_of_its_level() -> None:
    task = cast.opened(level="priority")
    low, gone = cast.koc("co_creation"), cast.koc("priority")
    cast.leave(gone, NOW)
    for koc in (low, gone):
        with pytest.raises(TaskNotHers):
            accept_task(task=task, koc=koc, by=None, now=NOW)
    assert may_take(task, cast.marketer()) == 0
    assert accept_task(task=task, koc=cast.koc("revenue_share"), by=None, now=NOW).state == DeliveryState.ACCEPTED


@pytest.mark.parametrize("at", [NOW, later(8)])
def test_draft_and_overdue_tasks_are_not_taken(at: Any) -> None:
    task = cast.task() if at == NOW else cast.opened()
    with pytest.raises(TaskStateWrong):
        accept_task(task=task, koc=cast.koc(), by=None, now=at)


def test_approved_delivery_is_rewarded_once_and_goes_into_the_library() -> None:
    her = cast.koc("co_creation")
    delivery = handed_in(cast.seat(her, reward_amount=Decimal(50)), text="用了两周。")
    assert [row.pk for row in waiting_deliveries(cast.marketer())] == [delivery.pk]
    approve(delivery)
    with pytest.raises(DeliveryStateWrong):
        approve(delivery)
    cast.check()
    assert cast.books(her) == {"payable": 50, "cost": -50}
    assert LedgerTransaction.objects.get().key == f"reward:{delivery.pk}"
    piece = Ugc.objects.get()
    assert (piece.kind, piece.text, piece.delivery_id, piece.state) == ("text", "用了两周。", delivery.pk, "offered")


def test_reward_is_hers_though_she_left_before_it_was_approved() -> None:
    her = cast.koc()
    delivery = handed_in(cast.seat(her, reward_amount=Decimal(50)))
    cast.leave(her, NOW)
    approve(delivery)
    assert cast.books(her)["payable"] == 50


def test_who_left_hands_nothing_new_in() -> None:
    her = cast.koc()
    delivery = cast.seat(her)
    cast.leave(her, NOW)
    with pytest.raises(TaskNotHers):
        handed_in(delivery)


def test_returned_delivery_comes_again_with_its_reason_kept() -> None:
    delivery = handed_in(cast.seat(cast.koc()))
    with pytest.raises(DeliveryNotValid):
        return_delivery(delivery=delivery, reason=" ", by=cast.marketer(), now=NOW)
    delivery = return_delivery(delivery=delivery, reason="请去掉“最有效”", by=cast.marketer(), now=NOW)
    assert (delivery.state, delivery.reason) == (DeliveryState.RETURNED, "请去掉“最有效”")
    delivery = handed_in(delivery, text="改过了。")
    assert (delivery.state, delivery.times, delivery.late) == (DeliveryState.DELIVERED, 2, False)


def test_what_comes_after_its_day_is_late_and_seats_without_anything_are_listed() -> None:
    task = cast.opened()
    kocs = [cast.koc() for _each in range(2)]
    seats = [accept_task(task=task, koc=koc, by=None, now=NOW) for koc in kocs]
    assert [row.pk for row in late_deliveries(cast.marketer(), later(8))] == [seat.pk for seat in seats]
    assert handed_in(seats[0], later(8)).late
    assert [row.pk for row in late_deliveries(cast.marketer(), later(8))] == [seats[1].pk]
    assert counts_of([task], user=cast.marketer())[task.pk] == {"delivered": 1, "accepted": 1}


def test_file_is_kept_sealed_and_comes_back_whole() -> None:
    delivery = handed_in(cast.seat(cast.koc()), file=cast.picture())
    kept = WorkFile.objects.get()
    assert delivery.file == kept
    assert (kept.name, kept.mime) == ("照片.png", "image/png")
    assert cast.PNG[:8] not in place_of(kept).read_bytes()
    assert as_upload(kept).read() == cast.PNG
    approve(delivery)
    assert Ugc.objects.get().kind == "picture"


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "空.png"])
def test_file_that_is_not_what_it_says_is_refused(name: str) -> None:
    file = cast.picture(name)
    file.file.truncate(0)
    file.file.write(b"<html>" if name != "空.png" else b"")
    file.size = 6 if name != "空.png" else 0
    with pytest.raises(DeliveryNotValid) as refused:
        handed_in(cast.seat(cast.koc()), file=file)
    assert list(refused.value.fields) == ["file"]
    assert not WorkFile.objects.exists()


@pytest.mark.parametrize("piece", [{}, {"text": "  "}, {"link": "javascript:alert(1)"}, {"text": "长" * 10_001}])
def test_piece_that_cannot_be_is_refused(piece: dict[str, str]) -> None:
    delivery = cast.seat(cast.koc())
    with pytest.raises(DeliveryNotValid):
        deliver(delivery=delivery, piece=Piece(**piece), by=None, now=NOW)


def test_coupon_as_reward_is_given_and_a_sold_out_one_is_said_to_the_owner() -> None:
    coupon = offers.live(stock=1, starts_at=NOW - DAY, ends_at=NOW + 30 * DAY)
    task = cast.opened(reward_coupon_id=coupon.pk)
    for _each in range(2):
        approve(handed_in(accept_task(task=task, koc=cast.koc(), by=None, now=NOW)))
    assert CouponGrant.objects.filter(coupon=coupon).count() == 1
    assert InAppNotice.objects.filter(key__startswith="koc-reward-").count() == 1


def test_reward_and_piece_of_a_seat_of_two_who_are_one_are_of_the_one_who_stands() -> None:
    coupon = offers.live(starts_at=NOW - DAY, ends_at=NOW + 30 * DAY)
    task = cast.opened(reward_coupon_id=coupon.pk)
    stays, goes = cast.koc(), cast.koc()
    first, second = (handed_in(accept_task(task=task, koc=koc, by=None, now=NOW)) for koc in (stays, goes))
    Member.objects.filter(pk=goes.member_id).update(merged_into=stays.member_id)
    follow_merge(koc_id=goes.pk, now=NOW)
    approve(second)
    assert CouponGrant.objects.get(coupon=coupon).member == stays.member
    assert Ugc.objects.get(delivery=second).member == stays.member
    assert first.koc == stays


def test_taken_task_changes_in_her_favour_only() -> None:
    her = cast.koc()
    task = cast.seat(her, reward_amount=Decimal(50), seats=3).task
    better = {"due_at": later(9), "reward_amount": Decimal(60), "seats": 5, "title": "改名"}
    changed = change_task(
        task=task, given=plan_of(task).__class__(**{**vars(plan_of(task)), **better}), by=cast.marketer(), now=NOW
    )
    assert (changed.reward_amount, changed.seats, changed.title) == (60, 5, "改名")
    for worse in ({"due_at": later(8)}, {"reward_amount": Decimal(59)}, {"brief": "另一件事"}, {"seats": 0}):
        with pytest.raises(TaskNotValid):
            change_task(
                task=task,
                given=plan_of(task).__class__(**{**vars(plan_of(changed)), **worse}),
                by=cast.marketer(),
                now=NOW,
            )


def test_cancel_only_while_nobody_has_it_and_close_keeps_promises() -> None:
    her, task = cast.koc(), cast.opened()
    with pytest.raises(TaskNotValid):
        cancel_task(task=task, reason="", by=cast.marketer(), now=NOW)
    delivery = accept_task(task=task, koc=her, by=None, now=NOW)
    with pytest.raises(TaskStateWrong):
        cancel_task(task=task, reason="改期", by=cast.marketer(), now=NOW)
    close_task(task=task, by=cast.marketer(), now=NOW)
    with pytest.raises(TaskStateWrong):
        accept_task(task=task, koc=cast.koc(), by=None, now=NOW)
    assert handed_in(delivery).state == DeliveryState.DELIVERED
    free = cast.opened()
    assert cancel_task(task=free, reason="改期", by=cast.marketer(), now=NOW).state == TaskState.CANCELLED


def test_opening_needs_a_day_to_come() -> None:
    task = cast.task()
    with pytest.raises(TaskNotValid):
        open_task(task=task, by=cast.marketer(), now=later(8))


def benefit(**values: Any) -> Any:
    coupon = offers.live(starts_at=NOW - DAY, ends_at=NOW + 60 * DAY, per_member=9)
    given = {"name": "优先体验券", "level": "priority", "coupon": coupon, "period": "once", **values}
    return add_benefit(**given, by=cast.marketer(), now=NOW)


def test_benefit_reaches_active_koc_of_its_level_once() -> None:
    cast.koc("co_creation")
    high, gone = cast.koc("revenue_share"), cast.koc("priority")
    cast.leave(gone, NOW)
    made = benefit()
    assert plan_for(made, NOW.date()).would == 1
    assert give_benefit(benefit=made, by=cast.marketer(), now=NOW).would == 1
    assert [grant.member_id for grant in CouponGrant.objects.all()] == [high.member_id]
    with pytest.raises(NobodyForBenefit):
        give_benefit(benefit=made, by=cast.marketer(), now=later(35))
    newcomer = cast.koc("priority")
    assert give_due(now=NOW) == 1
    assert CouponGrant.objects.filter(member=newcomer.member).count() == 1


def test_monthly_benefit_comes_again_and_a_switched_off_one_does_not() -> None:
    cast.koc("priority")
    made = benefit(period="monthly")
    assert [give_due(now=at) for at in (NOW, later(1), later(15))] == [1, 0, 1]
    switch_benefit(benefit=made, active=False, by=cast.marketer(), now=NOW)
    assert give_due(now=later(45)) == 0


def test_benefit_that_cannot_be_is_refused_with_every_fault() -> None:
    with pytest.raises(BenefitNotValid) as refused:
        add_benefit(name=" ", level="x", coupon=None, period="daily", by=cast.marketer(), now=NOW)
    assert set(refused.value.fields) == {"name", "level", "coupon", "period"}


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_take_fifty_seats_exactly() -> None:
    kocs = [cast.koc("co_creation") for _each in range(200)]
    task = cast.opened(seats=50)

    def take(koc: Any) -> bool:
        try:
            accept_task(task=task, koc=koc, by=None, now=NOW)
        except TaskFull:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(20) as pool:
        won = sum(pool.map(take, kocs))
    task.refresh_from_db()
    assert (won, task.taken, Delivery.objects.count()) == (50, 50, 50)


def test_page_by_page_every_delivery_of_a_task_is_shown_once() -> None:
    task = cast.opened()
    seats = [accept_task(task=task, koc=cast.koc(), by=None, now=NOW) for _each in range(7)]
    for place in (0, 3, 4):
        handed_in(seats[place])
    rows = deliveries_of(task, user=cast.marketer())
    shown: list[Delivery] = []
    mark = ""
    while page := list(after(rows, mark)[:2]):
        shown += page
        mark = mark_of(page[-1])
    waiting = [seats[place] for place in (4, 3, 0)]
    assert shown == [*waiting, *[seats[place] for place in (6, 5, 2, 1)]]
    for wrong in ("", "2.1", "1.x", "1." + "9" * 40, "٣.1", "1"):
        assert list(after(rows, wrong)) == shown


def test_reasons_in_the_record_of_acts_do_not_name_her() -> None:
    her = cast.koc()
    assert her.member is not None
    Member.objects.filter(pk=her.member_id).update(name="沈一诺")
    returned = return_delivery(
        delivery=handed_in(cast.seat(her)), reason="沈一诺的照片不清楚", by=cast.marketer(), now=NOW
    )
    piece = put_away(ugc=cast.piece(her.member), reason="沈一诺要求撤下", by=cast.marketer(), now=NOW)
    for each in (returned, piece):
        kept = AuditEntry.objects.filter(object_type=each._meta.label_lower, object_id=str(each.pk)).exclude(reason="")
        assert [("沈一诺" in entry.reason) for entry in kept] == [False]
