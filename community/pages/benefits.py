"""Benefits of KOC: which coupon for which level, how many would get it now, and giving it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import StaffRequest
from community.enums.koc import KocLevel
from community.enums.work import BenefitPeriod
from community.models import PriorityBenefit
from community.pages.earning_words import number_in, posted, refuse
from community.selectors.benefits import benefits, plan_for
from community.services.benefits import add_benefit, give_benefit, switch_benefit
from core.errors import ScrmError
from core.pages import in_frame, page
from core.templatetags.scrm import figure
from loyalty.enums import CouponState
from loyalty.models import Coupon

FIELDS = ("name", "level", "coupon", "period")
MOST_CHOICES = 100


@page("community.view_prioritybenefit")
@require_http_methods(["GET", "POST"])
def listing(request: StaffRequest) -> HttpResponse:
    """Each with how many would get it now; POST adds one."""
    if request.method == "GET" or not request.user.has_perm("community.change_prioritybenefit"):
        return _show(request, {"level": KocLevel.PRIORITY.value, "period": BenefitPeriod.ONCE.value})
    typed = posted(request.POST, FIELDS)
    coupon = Coupon.objects.filter(pk=number_in(typed["coupon"]) or 0).first()
    values = {name: typed[name] for name in ("name", "level", "period")}
    try:
        add_benefit(**values, coupon=coupon, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _show(request, typed, refused.fields, status=refused.status)
    messages.success(request, _("Saved. It is given each morning; you can give it now as well."))
    return redirect("community:benefits")


@page("community.change_prioritybenefit")
@require_POST
def give(request: StaffRequest, benefit_id: int) -> HttpResponse:
    benefit = get_object_or_404(PriorityBenefit.objects.select_related("coupon"), pk=benefit_id)
    try:
        given = give_benefit(benefit=benefit, by=request.user, now=timezone.now())
    except ScrmError as refused:
        refuse(request, refused)
    else:
        messages.success(request, _("%(count)s KOC got it.") % {"count": figure(given.would)})
    return redirect("community:benefits")


@page("community.change_prioritybenefit")
@require_POST
def switch(request: StaffRequest, benefit_id: int) -> HttpResponse:
    benefit = get_object_or_404(PriorityBenefit, pk=benefit_id)
    active = request.POST.get("is_active") == "1"
    switch_benefit(benefit=benefit, active=active, by=request.user, now=timezone.now())
    messages.success(request, _("It is given by itself.") if active else _("It is given by hand only."))
    return redirect("community:benefits")


def _show(request: StaffRequest, typed: Mapping[str, str], errors: Any = None, *, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "title": _("Benefits of KOC"),
        "rows": [(each, plan_for(each, today)) for each in benefits()],
        "typed": typed,
        "errors": errors or {},
        "levels": KocLevel.choices,
        "periods": BenefitPeriod.choices,
        "coupons": Coupon.objects.filter(state=CouponState.LIVE).order_by("-pk")[:MOST_CHOICES],
        "can_change": request.user.has_perm("community.change_prioritybenefit"),
    }
    return in_frame(request, "community/benefits.html", context, status=status)
