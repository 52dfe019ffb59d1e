"""Giving a coupon to the whole audience: first who would get it and who not, then the button."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from campaigns.models import ActivityOffer
from campaigns.selectors.giving import plan_for
from campaigns.services.giving import ask_to_give, is_waiting
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.templatetags.scrm import figure
from loyalty.selectors.coupons import stock

WHY: dict[str, Promise] = {
    "had": gettext_lazy("were given it by this activity already"),
    "limit": gettext_lazy("have as many as one member may have"),
    "merged": gettext_lazy("were merged into another member"),
    "exhausted": gettext_lazy("come away empty: the stock does not last"),
}


@page("campaigns.change_activity")
@require_http_methods(["GET", "POST"])
def give(request: StaffRequest, offer_id: int) -> HttpResponse:
    offers = ActivityOffer.objects.select_related("activity", "coupon").filter(coupon__isnull=False)
    offer = get_object_or_404(offers, pk=offer_id)
    if request.method == "POST":
        return _ask(request, offer)
    assert offer.coupon is not None  # noqa: S101  # as was asked for
    plan = plan_for(offer, offer.coupon)
    context = {
        "title": _("Give to the audience"),
        "offer": offer,
        "activity": offer.activity,
        "coupon": offer.coupon,
        "stock": stock([offer.coupon])[offer.coupon.pk],
        "plan": plan,
        "without": [(WHY[why], plan.without[why]) for why in WHY if why in plan.without],
        "waiting": is_waiting(offer),
    }
    return in_frame(request, "campaigns/give.html", context)


def _ask(request: StaffRequest, offer: ActivityOffer) -> HttpResponse:
    try:
        plan = ask_to_give(offer=offer, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        return redirect("campaigns:give", offer.pk)
    said = ngettext(
        "A worker is giving it to %(count)s member now; the owner is told when it is done.",
        "A worker is giving it to %(count)s members now; the owner is told when it is done.",
        plan.would,
    )
    messages.success(request, said % {"count": figure(plan.would)})
    return redirect("campaigns:activity", offer.activity_id)
