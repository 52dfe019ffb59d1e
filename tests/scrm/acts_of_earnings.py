"""The POSTs of tasks, the ledger and UGC, for `test_acts_of_the_pages`."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from community.models import Delivery, Task, Ugc
from community.services.handing_in import accept_task
from community.services.tasks_of_koc import TaskIn, create_task
from community.services.ugc import submit_ugc
from compliance.models import Review
from compliance.services.reviews import approve
from tests.community import earnings as people
from tests.loyalty import offers
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about, to
from tests.scrm.pages_of_earnings import (
    a_benefit,
    a_delivery,
    a_koc,
    a_payout,
    a_piece,
    a_task,
    owed,
    somebody_else,
)


def typed_task(cast: Cast) -> dict[str, str]:
    due = timezone.localtime(timezone.now() + 7 * people.DAY).strftime("%Y-%m-%dT%H:%M")
    return {
        "title": "试用新品",
        "brief": "拍一张照片。",
        "wish": "picture",
        "level": "co_creation",
        "owner_id": str(cast.admin.pk),
        "due_at": due,
    }


def draft(cast: Cast) -> Task:
    now = timezone.now()
    given = {"title": "草稿", "brief": "说明", "wish": "text", "level": "co_creation"}
    task = TaskIn(**given, owner_id=cast.admin.pk, due_at=now + people.DAY)
    return create_task(task=task, by=people.marketer(), now=now)


def seat(cast: Cast) -> Delivery:
    return accept_task(task=a_task(), koc=a_koc(cast.member), by=None, now=timezone.now())


def submitted(cast: Cast) -> Ugc:
    people.agree(cast.member, timezone.now())
    return submit_ugc(ugc=a_piece(cast.member), by=people.marketer(), now=timezone.now())


def approved(cast: Cast) -> Ugc:
    piece = submitted(cast)
    review = Review.objects.get(kind="ugc", object_id=piece.pk)
    approve(review=review, digest=review.digest, by=people.person("legal", Role.LEGAL), now=timezone.now())
    return piece


def agreed_piece(cast: Cast) -> int:
    people.agree(cast.member, timezone.now())
    return a_piece(cast.member).pk


def take(cast: Cast) -> Act:
    return Act(reverse("community:task_take", args=(a_task().pk,)), {"koc": a_koc(cast.member).referral_code})


def upon(name: str, made: Callable[[Cast], int], body: dict[str, str] | None = None) -> Maker:
    return about(f"community:{name}", made, body)


def coupon() -> int:
    now = timezone.now()
    return offers.live(starts_at=now - people.DAY, ends_at=now + 9 * people.DAY).pk


WHY = {"reason": "演示"}
EARNINGS_ACTS: dict[str, Maker] = {
    "community:task_new": lambda cast: Act(reverse("community:task_new"), typed_task(cast)),
    "community:task_edit": lambda cast: Act(reverse("community:task_edit", args=(draft(cast).pk,)), typed_task(cast)),
    "community:task_open": upon("task_open", lambda cast: draft(cast).pk),
    "community:task_close": upon("task_close", lambda _cast: a_task().pk),
    "community:task_cancel": upon("task_cancel", lambda _cast: a_task().pk, WHY),
    "community:task_take": take,
    "community:delivery": upon("delivery", lambda cast: seat(cast).pk, {"text": "很好用。"}),
    "community:delivery_approve": upon("delivery_approve", lambda cast: a_delivery(cast.member).pk),
    "community:delivery_return": upon("delivery_return", lambda cast: a_delivery(cast.member).pk, WHY),
    "community:delivery_drop": upon("delivery_drop", lambda cast: seat(cast).pk, WHY),
    "community:benefits": lambda _cast: Act(
        reverse("community:benefits"),
        {"name": "优先券", "level": "priority", "period": "once", "coupon": str(coupon())},
    ),
    "community:benefit_give": upon("benefit_give", lambda cast: (a_koc(cast.member), a_benefit())[1]),
    "community:benefit_switch": upon("benefit_switch", lambda _cast: a_benefit(), {"is_active": "0"}),
    "community:share_rules": to(
        "community:share_rules", {"rate": "5", "return_days": "15", "inviter_days": "30", "reason": "试行"}
    ),
    "community:account_correct": upon(
        "account_correct", lambda cast: a_koc(cast.member).pk, {"amount": "8.80", "reason": "补发"}
    ),
    "community:payout_make": lambda cast: (owed(cast.member), Act(reverse("community:payout_make")))[1],
    "community:payout_confirm": upon(
        "payout_confirm", lambda cast: a_payout(cast.member, somebody_else()).pk, {"reference": "B-1"}
    ),
    "community:payout_cancel": upon("payout_cancel", lambda cast: a_payout(cast.member).pk, WHY),
    "community:payment_return": upon("payment_return", lambda cast: a_payout(cast.member).lines.get().pk, WHY),
    "community:ugc_new": lambda cast: Act(
        reverse("community:ugc_new"),
        {"author": str(cast.member.pk), "kind": "text", "title": "日记", "text": "两周。", "scope": "private"},
    ),
    "community:ugc_submit": upon("ugc_submit", agreed_piece),
    "community:ugc_use": upon("ugc_use", lambda cast: approved(cast).pk),
    "community:ugc_put_away": upon("ugc_put_away", lambda cast: a_piece(cast.member).pk, WHY),
    "community:ugc_rights": upon("ugc_rights", lambda cast: a_piece(cast.member).pk, {"scope": "public", "until": ""}),
}
