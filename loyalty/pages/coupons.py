"""Coupons: the list with its bars, the page of one, and the verbs of its life."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.selectors.reviews import may_be_submitted
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import whole_in
from loyalty.enums import CouponState
from loyalty.models import Coupon
from loyalty.pages import words
from loyalty.rules.terms import exposure_of
from loyalty.selectors.codes import masked_codes_of
from loyalty.selectors.coupons import (
    counts_by_state,
    coupons_in,
    end_of,
    grants_of,
    review_of,
    uncredited,
)
from loyalty.services import coupons as services
from loyalty.services.reviewing import COUPON

PER_PAGE = 30
GRANTS = 20
MONTH = timedelta(days=30)
Verb = Callable[..., Any]
VERBS: dict[str, tuple[Verb, Promise]] = {
    "submit": (services.submit_coupon, gettext_lazy("The text is now with the legal reviewers.")),
    "launch": (services.launch_coupon, gettext_lazy("Members can claim it now.")),
    "pause": (services.pause_coupon, gettext_lazy("Claims are stopped. What was claimed can still be used.")),
    "end": (services.end_coupon, gettext_lazy("Ended. What was claimed is good until its own end.")),
}
#: Verbs that take the offer from members before its time.
WITH_REASON = ("pause", "end")


@page("loyalty.view_coupon")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = Paginator(coupons_in(state), PER_PAGE).get_page(request.GET.get("page"))
    counts = counts_by_state()
    context = {
        "title": _("Offers"),
        "tab": "coupons",
        "page": found,
        "rows": [_row(coupon) for coupon in found.object_list],
        "state": state if state in CouponState.values else "",
        "states": [(code, label, counts.get(code, 0)) for code, label in CouponState.choices],
        "total": sum(counts.values()),
        "uncredited": uncredited(timezone.now() - MONTH),
        "can_add": request.user.has_perm("loyalty.add_coupon"),
    }
    return in_frame(request, "loyalty/coupons.html", context)


def _row(coupon: Coupon) -> dict[str, Any]:
    return {
        "coupon": coupon,
        "benefit": words.benefit(coupon),
        "mark": words.MARKS[CouponState(coupon.state)],
        "stock": words.stock_words(coupon),
        "share": 100 * coupon.granted / coupon.stock if coupon.stock else None,
        "used": coupon.redeemed / coupon.granted if coupon.granted else None,
    }


@page("loyalty.view_coupon")
@require_safe
def detail(request: StaffRequest, coupon_id: int) -> HttpResponse:
    return show(request, get_object_or_404(Coupon, pk=coupon_id))


def show(
    request: StaffRequest, coupon: Coupon, errors: Any = None, *, typed: Any = None, status: int = 200
) -> HttpResponse:
    """Figures, rules, text, what members hold, what was done."""
    review = review_of(COUPON, coupon.pk)
    changes = request.user.has_perm("loyalty.change_coupon")
    grants = list(_page_of_grants(request, coupon))
    context = {
        "title": coupon.name,
        "tab": "coupons",
        "coupon": coupon,
        **_row(coupon),
        "rules": list(words.rules(coupon, timezone.now())),
        "exposure": exposure_of(services.terms_of(coupon)),
        "review": review,
        "may_submit": review is None or may_be_submitted(review),
        "grants": _shown(grants[:GRANTS]),
        "older": grants[GRANTS - 1].pk if len(grants) > GRANTS else None,
        "history": latest_acts(coupon),
        "verbs": _verbs(coupon, review.state if review else "") if changes else (),
        "can_change": changes and coupon.state != CouponState.ENDED,
        "can_read": request.user.has_perm("loyalty.read_code"),
        "typed": typed or {},
        "errors": errors or {},
        "now": timezone.now(),
    }
    return in_frame(request, "loyalty/coupon.html", context, status=status)


def _page_of_grants(request: StaffRequest, coupon: Coupon) -> Any:
    """Older than the number in the address; one more than is shown."""
    before = whole_in(request.GET.get("before", ""))
    rows = grants_of(coupon, user=request.user)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows[: GRANTS + 1]


def _shown(grants: list[Any]) -> list[dict[str, Any]]:
    codes = masked_codes_of(grants)
    now = timezone.now()
    return [
        {"grant": grant, "code": codes[grant.pk], "until": end_of(grant), "over": end_of(grant) <= now}
        for grant in grants
    ]


def _verbs(coupon: Coupon, review: str) -> list[str]:
    """What can be done next, the most natural first."""
    if coupon.state in {CouponState.DRAFT, CouponState.PAUSED}:
        first = "launch" if review == "approved" else "submit" if review in {"scanned", "returned", "expired"} else ""
        return [verb for verb in (first, "end" if coupon.state == CouponState.PAUSED else "") if verb]
    return ["pause", "end"] if coupon.state == CouponState.LIVE else []


@page("loyalty.change_coupon")
@require_POST
def move(request: StaffRequest, coupon_id: int) -> HttpResponse:
    coupon = get_object_or_404(Coupon, pk=coupon_id)
    name = request.POST.get("verb", "")
    verb, said = VERBS.get(name, (None, None))
    if verb is None:
        return redirect("loyalty:coupon", coupon.pk)
    given = {"reason": request.POST.get("reason", "").replace("\x00", "")} if name in WITH_REASON else {}
    try:
        verb(coupon=coupon, by=request.user, now=timezone.now(), **given)
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return show(request, coupon, typed=given, status=refused.status)
    messages.success(request, str(said))
    return redirect("loyalty:coupon", coupon.pk)


def sentence(refused: ScrmError) -> str:
    """What is refused, with what is said of its parts."""
    parts = [str(each) for said in refused.fields.values() for each in said]
    return " ".join([str(refused), *parts])
