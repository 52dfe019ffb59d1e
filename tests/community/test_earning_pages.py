"""Pages of tasks, the ledger and UGC: what they say, what they refuse in words, who sees whom."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Region, Store, User
from accounts.services.exports import export_kinds
from community.models import Delivery, Koc, Payout, ShareOrder, ShareRule, Task, Ugc
from community.services.payouts import make_payout
from community.services.sharing import settle_due
from community.services.ugc import submit_ugc
from compliance.errors.content import WordsForbidden
from compliance.models import Review
from core.registries import work
from members.models import Member
from tests.brand import signed_in
from tests.community import earnings as cast
from tests.community.earnings import DAY, NOW, later

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
A1 = re.compile(r"\bA1\b")  # the order's number; a token of the page may hold the two letters


@pytest.fixture(autouse=True)
def _evening(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    cast.months()
    with time_machine.travel(NOW, tick=False):
        yield


def staff(name: str = "earner", role: str = Role.MARKETER) -> User:
    person = cast.person(name, role)
    person.is_staff = True
    person.save()
    return person


def looked_at(name: str, *args: int, query: str = "", user: User | None = None, language: str = "zh-hans") -> str:
    answer = signed_in(user or staff(), language).get(reverse(f"community:{name}", args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def posted(name: str, body: dict[str, Any], *args: int, user: User | None = None) -> Any:
    return signed_in(user or staff()).post(reverse(f"community:{name}", args=args), body)


def typed(**values: str) -> dict[str, str]:
    return {
        "title": "新品试用",
        "brief": "三句真实感受。",
        "wish": "text",
        "level": "co_creation",
        "owner_id": str(staff().pk),
        "due_at": "2026-11-30T20:00",
        "seats": "5",
        "reward_amount": "50",
        "reward_coupon_id": "",
        **values,
    }


def local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_task_goes_from_its_form_to_an_approved_delivery() -> None:
    her = cast.koc("co_creation")
    posted("task_new", typed())
    task = Task.objects.get()
    posted("task_open", {}, task.pk)
    posted("task_take", {"koc": f" {her.referral_code} "}, task.pk)
    delivery = Delivery.objects.get()
    posted("delivery", {"text": "很清爽。"}, delivery.pk)
    assert "很清爽。" in looked_at("delivery", delivery.pk)
    assert "新品试用" in looked_at("deliveries")
    posted("delivery_approve", {}, delivery.pk)
    assert "50.00" in looked_at("account", her.pk)
    assert "新品试用" in looked_at("ugc")


def test_form_keeps_what_was_typed_and_names_every_fault() -> None:
    answer = posted("task_new", typed(title="", due_at="morgen", seats="viele", reward_amount="1.999"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="viele"' in page
    assert 'value="morgen"' in page
    assert not Task.objects.exists()


@pytest.mark.parametrize("text", ["", "NOBODY22", "99999999999999999999", "\x00"])
def test_unknown_code_is_said_and_nobody_gets_a_seat(text: str) -> None:
    task = cast.opened()
    assert posted("task_take", {"koc": text}, task.pk).status_code == 422
    assert not Delivery.objects.exists()


def settled() -> Koc:
    """One KOC with ¥10 to be paid and ¥5 in the return window."""
    cast.rule()
    her, (buyer,) = cast.koc(), cast.people(1)
    cast.buy(buyer, "A1", NOW - 16 * DAY, code=her.referral_code)
    cast.buy(buyer, "A2", NOW - DAY, "50", code=her.referral_code)
    cast.book()
    settle_due(now=NOW)
    return her


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_ledger_shows_each_book_and_what_comes_due(language: str) -> None:
    her = settled()
    page = looked_at("ledger", language=language)
    assert "10.00" in page
    assert "5.00" in page
    assert str(her.member) in page
    booked = looked_at("account", her.pk, language=language)
    assert ("订单 A1" if language.startswith("zh") else "Order A1") in booked
    assert "order:" not in booked
    account = looked_at("account", her.pk, query="?tab=orders", language=language)
    assert "A1" in account
    assert "10.00" in looked_at("payouts", language=language)


def test_ledger_without_a_rule_says_so() -> None:
    assert "目前没有生效的规则" in looked_at("ledger")


def test_pay_out_is_made_by_one_and_confirmed_by_another() -> None:
    settled()
    posted("payout_make", {})
    payout = Payout.objects.get()
    assert posted("payout_confirm", {"reference": "B-1"}, payout.pk).status_code == 403
    payer = staff("payer")
    assert posted("payout_confirm", {"reference": " "}, payout.pk, user=payer).status_code == 400
    assert posted("payout_confirm", {"reference": "B-1"}, payout.pk, user=payer).status_code == 302
    assert "B-1" in looked_at("payout", payout.pk)
    assert posted("payout_make", {}).status_code == 302
    assert Payout.objects.count() == 1


def test_rule_is_set_from_now_on_and_faults_are_named() -> None:
    values = {"rate": "8", "order_cap": "", "month_cap": "3000", "return_days": "15", "inviter_days": "30"}
    wrong = posted("share_rules", {**values, "rate": "0", "return_days": "x", "reason": ""})
    assert wrong.status_code == 422
    assert 'value="x"' in wrong.content.decode()
    assert posted("share_rules", {**values, "reason": "试行"}).status_code == 302
    assert ShareRule.objects.get().rate == Decimal("0.08")
    assert "8.00%" in looked_at("share_rules")


def test_rule_for_later_stands_as_to_come() -> None:
    values = {"rate": "8", "return_days": "0", "inviter_days": "0", "reason": "试行", "valid_from": local(NOW + DAY)}
    posted("share_rules", values)
    assert ShareRule.objects.get().valid_from == (NOW + DAY).replace(second=0)


@pytest.mark.parametrize("amount", ["", "0", "abc", "1.001", "1e99"])
def test_correction_that_is_no_amount_is_refused_in_words(amount: str) -> None:
    her = cast.koc()
    answer = posted("account_correct", {"amount": amount, "reason": "更正"}, her.pk)
    assert answer.status_code == 400
    assert cast.books(her) == {}


def test_piece_is_offered_reviewed_and_its_rights_changed() -> None:
    (her,) = cast.people(1)
    cast.agree(her)
    body = {"author": str(her.pk), "kind": "picture", "title": "我的梳妆台", "scope": "private", "until": "2026-12-31"}
    assert posted("ugc_new", body).status_code == 400
    posted("ugc_new", {**body, "file": cast.picture()})
    piece = Ugc.objects.get()
    assert piece.file is not None
    assert signed_in(staff()).get(reverse("community:ugc_file", args=(piece.pk,))).getvalue() == cast.PNG
    assert posted("ugc_rights", {"scope": "ads", "until": "31.12."}, piece.pk).status_code == 422
    posted("ugc_rights", {"scope": "ads", "until": ""}, piece.pk)
    posted("ugc_submit", {}, piece.pk)
    piece.refresh_from_db()
    assert (piece.scope, piece.until, piece.state) == ("ads", None, "in_review")
    assert str(her) in looked_at("ugc_piece", piece.pk)


def test_piece_without_consent_says_what_to_do() -> None:
    (her,) = cast.people(1)
    piece = cast.piece(her)
    assert "她尚未同意公开发布" in looked_at("ugc_piece", piece.pk)
    assert posted("ugc_submit", {}, piece.pk).status_code == 422


def _guided() -> tuple[User, Member]:
    guide = staff("guide", Role.GUIDE)
    (hers,) = cast.people(1)
    hers.guide = guide
    hers.save()
    return guide, hers


def test_guide_sees_her_own_members_and_nobody_elses() -> None:
    guide, hers = _guided()
    mine, other = cast.koc(member=hers), cast.koc()
    seats = [cast.seat(koc) for koc in (mine, other)]
    client = signed_in(guide)
    assert client.get(reverse("community:delivery", args=(seats[0].pk,))).status_code == 200
    assert client.get(reverse("community:delivery", args=(seats[1].pk,))).status_code == 404
    pieces = [cast.piece(koc.member) for koc in (mine, other) if koc.member]
    page = looked_at("ugc", user=guide)
    assert f"/ugc/{pieces[0].pk}/" in page
    assert f"/ugc/{pieces[1].pk}/" not in page
    assert posted("task_take", {"koc": other.referral_code}, cast.opened().pk, user=guide).status_code == 422
    assert client.get(reverse("community:ledger")).status_code == 403


def test_store_manager_sees_the_ledger_of_her_store() -> None:
    manager = staff("manager", Role.STORE_MANAGER)
    her = settled()
    assert "A1" not in looked_at("ledger", user=manager)
    assert str(her.member) not in looked_at("ledger", user=manager)
    store = Store.objects.create(region=Region.objects.create(code="east", name="华东"), code="s1", name="西湖店")
    manager.stores.add(store)
    Member.objects.filter(pk=her.member_id).update(home_store=store)
    assert str(her.member) in looked_at("ledger", user=manager)


def test_store_manager_reads_no_order_number_of_a_customer_elsewhere() -> None:
    manager = staff("manager", Role.STORE_MANAGER)
    her = settled()
    store = Store.objects.create(region=Region.objects.create(code="east", name="华东"), code="s1", name="西湖店")
    manager.stores.add(store)
    Member.objects.filter(pk=her.member_id).update(home_store=store)
    number = str(ShareOrder.objects.get(order_no="A1").purchase_id)
    orders, booked = (looked_at("account", her.pk, query=query, user=manager) for query in ("?tab=orders", ""))
    assert (bool(A1.search(orders)), f":{number}:" in booked, "会员不在您的可见范围内" in orders) == (
        False,
        False,
        True,
    )
    cells = list(export_kinds.get("koc_ledger").rows(manager, {"koc": [str(her.pk)]}))[1:]
    assert [row[5] for row in cells if number in str(row[5])] == []
    Member.objects.exclude(pk=her.member_id).update(home_store=store)
    assert A1.search(looked_at("account", her.pk, query="?tab=orders", user=manager))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_review_of_a_piece_says_in_words_where_it_may_be_shown(language: str) -> None:
    (her,) = cast.people(1)
    cast.agree(her)
    piece = submit_ugc(ugc=cast.piece(her, scope="ads", text="好用。"), by=cast.marketer(), now=NOW)
    review, lawyer = Review.objects.get(kind="ugc", object_id=piece.pk), staff("lawyer", Role.LEGAL)
    shown = signed_in(lawyer, language).get(reverse("compliance:review", args=(review.pk,))).content.decode()
    words = {"en": "Also in advertising", "zh-hans": "也可用于广告"}[language]
    assert f">{words}</pre>" in shown
    assert ">ads</pre>" not in shown
    assert {part["name"]: part["text"] for part in review.parts}["scope"] == "ads"


def test_lists_are_read_page_by_page() -> None:
    her = cast.koc()
    for _each in range(51):
        cast.task()
    first = looked_at("tasks")
    assert "before=" in first
    last = Task.objects.order_by("-pk")[49]
    assert "before=" not in looked_at("tasks", query=f"?before={last.pk}")
    assert looked_at("account", her.pk, query="?before=99999999999999999999999")


def test_orders_of_an_account_are_read_page_by_page() -> None:
    """The month of an order follows its day, and its number the day on which it was told."""
    cast.rule()
    her, (buyer,) = cast.koc(since=NOW - 29 * DAY), cast.people(1)
    for number in range(52):
        cast.buy(buyer, f"N{number}N", NOW - (number % 28) * DAY, "10", code=her.referral_code)
    cast.book()
    first = looked_at("account", her.pk, query="?tab=orders")
    mark = first.partition("before=")[2].partition('"')[0].partition("&")[0]
    rest = looked_at("account", her.pk, query=f"?tab=orders&before={mark}")
    shown = [number for page in (first, rest) for number in range(52) if f"N{number}N" in page]
    assert sorted(shown) == list(range(52))


def test_today_says_what_waits() -> None:
    her = settled()
    cast.agree(her.member or Member())
    cast.piece(her.member or Member())
    items = {
        code: list(work.get(f"community.{code}").items(staff(), NOW)) for code in ("deliveries", "money", "rights")
    }
    assert [len(found) for found in items.values()] == [0, 1, 0]
    make_payout(by=staff("payer"), now=NOW)
    cast.approved(cast.piece(her.member or Member(), until=later(5).date()))
    task = cast.seat(her)
    Delivery.objects.filter(pk=task.pk).update(state="delivered", delivered_at=NOW)
    items = {
        code: list(work.get(f"community.{code}").items(staff(), NOW)) for code in ("deliveries", "money", "rights")
    }
    assert [[item.state for item in found] for found in items.values()] == [["act"], ["act"], ["watch"]]


def test_export_of_a_pay_out_masks_names_by_role() -> None:
    her = settled()
    payout = make_payout(by=staff(), now=NOW)
    kind = export_kinds.get("koc_payout")
    header, row = list(kind.rows(staff(), {"payout": [str(payout.pk)]}))
    assert len(header) == len(row)
    assert row[:3] == [her.member_id, her.referral_code, str(her.member)]
    assert (row[3], row[4], row[5]) == (10, 0, 10)
    assert kind.count(staff(), {"payout": [str(payout.pk)]}) == 1
    analyst = staff("analyst", Role.ANALYST)
    masked = list(kind.rows(analyst, {"payout": [str(payout.pk)]}))[1]
    assert masked[2] != str(her.member)
    assert kind.count(staff(), {"payout": ["x"]}) == 0


def test_export_of_bookings_has_a_column_for_each_book() -> None:
    her = settled()
    kind = export_kinds.get("koc_ledger")
    rows = list(kind.rows(staff(), {"koc": [str(her.pk)]}))
    assert kind.count(staff(), {"koc": [str(her.pk)]}) == len(rows) - 1 == 3
    assert len(rows[0]) == len(rows[1]) == 11
    assert sum(row[6] for row in rows[1:]) == 5


@pytest.mark.parametrize("name", ["tasks", "ledger", "payouts", "ugc", "benefits", "share_rules", "deliveries"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_empty_pages_say_what_to_do(name: str, language: str) -> None:
    assert looked_at(name, language=language)


def test_page_of_a_koc_shows_tasks_ugc_and_ledger() -> None:
    her = settled()
    cast.seat(her)
    page = signed_in(staff()).get(reverse("community:koc_page", args=(her.pk,))).content.decode()
    assert reverse("community:account", args=(her.pk,)) in page
    assert "panel-tasks" in page
    assert "panel-ugc" in page


def test_piece_that_would_be_refused_is_not_offered_to_be_submitted() -> None:
    (her,) = cast.people(1)
    piece = cast.piece(her, text="全国第一，国家级精华。")
    grey = 'class="s-btn s-btn--primary" disabled aria-describedby="refusals">提交法务审核'
    assert grey in looked_at("ugc_piece", piece.pk)
    cast.agree(her)
    assert grey not in looked_at("ugc_piece", piece.pk)
    with pytest.raises(WordsForbidden):
        submit_ugc(ugc=piece, by=cast.marketer(), now=NOW)
    refused = looked_at("ugc_piece", piece.pk)
    assert grey in refused
    assert reverse("compliance:review", args=(Review.objects.get(kind="ugc").pk,)) in refused
