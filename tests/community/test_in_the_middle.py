"""What comes in the middle of a settlement: somebody leaves, withdraws her consent, or sends an order back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from community.enums.koc import KocState
from community.models import Koc, ShareOrder
from community.selectors.ledger import verify_ledger
from community.services.koc_keeping import keep_kocs
from community.services.payouts import make_payout
from community.services.sharing import settle_due
from compliance.enums.consent import ConsentAction
from members.models import Member
from tests import api
from tests.brand import signed_in
from tests.community import earnings as cast
from tests.community.earnings import DAY, NOW, later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _evening() -> Any:
    cast.months()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def her() -> Koc:
    """A KOC with ¥10 to be paid and ¥5 in the return window."""
    cast.rule()
    koc, (buyer,) = cast.koc(), cast.people(1)
    assert koc.member is not None
    cast.agree(koc.member)
    cast.buy(buyer, "A1", NOW - 16 * DAY, code=koc.referral_code)
    cast.buy(buyer, "A2", NOW - DAY, "50", code=koc.referral_code)
    cast.book()
    settle_due(now=NOW)
    return koc


def staff(name: str) -> User:
    person = cast.person(name, Role.MARKETER)
    person.is_staff = True
    person.save()
    return person


def posted(name: str, body: dict[str, Any], *args: int, by: str = "earner") -> Any:
    return signed_in(staff(by), "en").post(reverse(f"community:{name}", args=args), body, follow=True)


def looked_at(name: str, *args: int) -> str:
    answer = signed_in(staff("earner"), "en").get(reverse(f"community:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def buyer_of(order_no: str) -> Member:
    member = ShareOrder.objects.select_related("member").get(order_no=order_no).member
    assert member is not None
    return member


def sends_back(member: Member, order_no: str, amount: str, at: Any) -> Any:
    """By the API, as a shop would."""
    line = {"product_code": "P", "quantity": "-1", "unit_price": amount}
    body = {
        "member": {"id": member.pk},
        "order_no": order_no,
        "source": "shop",
        "occurred_at": at.isoformat(),
        "lines": [line],
    }
    return api.client().post("/api/v1/purchases/", body)


def test_who_leaves_between_fixing_and_paying_is_paid_and_earns_nothing_new(her: Koc) -> None:
    payout = make_payout(by=staff("earner"), now=NOW)
    posted("koc_leave", {"reason": "不想再做了"}, her.pk)
    her.refresh_from_db()
    assert her.state == KocState.LEFT
    assert "What she has earned is settled and stays owed." in looked_at("account", her.pk)
    assert "Left" in looked_at("payout", payout.pk)
    cast.buy(cast.people(1)[0], "A3", NOW + timedelta(hours=1), code=her.referral_code)
    cast.book(later(1))
    with time_machine.travel(later(15), tick=False):
        assert posted("payout_confirm", {"reference": "B-1"}, payout.pk, by="payer").status_code == 200
        settle_due(now=later(15))
    cast.check()
    assert cast.books(her) == {"paid": 10, "payable": 5, "cost": -15}


def test_who_withdraws_in_the_return_window_gets_what_was_earned_before(her: Koc) -> None:
    assert her.member is not None
    cast.agree(her.member, NOW, ConsentAction.WITHDRAW)
    assert keep_kocs(now=NOW) == 1
    cast.buy(cast.people(1)[0], "A3", NOW + timedelta(hours=1), code=her.referral_code)
    cast.book(later(1))
    assert settle_due(now=later(15)) == 1
    cast.check()
    assert cast.books(her) == {"payable": 15, "cost": -15}
    assert "Publishing:" in looked_at("koc_page", her.pk)


def test_refund_after_settlement_comes_by_the_api_and_stands_on_the_page(her: Koc) -> None:
    payout = make_payout(by=staff("earner"), now=NOW)
    posted("payout_confirm", {"reference": "B-1"}, payout.pk, by="payer")
    buyer = buyer_of("A1")
    answer = sends_back(buyer, "A1", "100", NOW - timedelta(hours=1))
    assert answer.status_code in {200, 201}, answer.content
    cast.book()
    assert cast.books(her) == {"paid": 10, "claw_back": -10, "pending": 5, "cost": -5}
    assert "10.00" in looked_at("account", her.pk)
    found = api.client().get(f"/api/v1/koc-ledger/?koc={her.pk}").json()["results"]
    assert "claw_back" in [row["kind"] for row in found]
    again = sends_back(buyer, "A1", "100", NOW - timedelta(hours=1))
    assert again.status_code in {200, 201}
    cast.book()
    assert cast.books(her)["claw_back"] == -10
    assert verify_ledger().faults == ()
