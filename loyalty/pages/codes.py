"""Codes: added to a coupon's stock, and read out to the member whose one is."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.pages import StaffRequest
from core.errors import ScrmError
from core.pages import in_frame, page
from core.templatetags.scrm import figure
from loyalty.enums import CodeSource
from loyalty.errors import CodesNotTaken
from loyalty.models import Coupon, CouponGrant
from loyalty.pages.coupons import sentence
from loyalty.pages.coupons import show as show_coupon
from loyalty.pages.reading import Reader
from loyalty.rules.codes import printed
from loyalty.selectors.coupons import end_of
from loyalty.services import coupons as services
from members.models import Member

#: As many codes as are taken at once, each a line of 200 bytes: what a code of 64 letters and its separators can need.
LARGEST_MB = 20


@page("loyalty.change_coupon")
@require_POST
def add(request: StaffRequest, coupon_id: int) -> HttpResponse:
    """Generate so many, or take those of a text or file, one a line."""
    coupon = get_object_or_404(Coupon, pk=coupon_id)
    try:
        said = _generate(request, coupon) if coupon.code_source == CodeSource.GENERATED else _import(request, coupon)
    except ScrmError as refused:
        messages.error(request, sentence(refused))
        typed = {"codes": request.POST.get("codes", "")}
        return show_coupon(request, coupon, refused.fields, typed=typed, status=refused.status)
    messages.success(request, said)
    return redirect("loyalty:coupon", coupon.pk)


def _generate(request: StaffRequest, coupon: Coupon) -> str:
    count = Reader({"count": request.POST.get("count", "")}).whole("count") or 0
    made = services.generate_codes(coupon=coupon, count=count, by=request.user, now=timezone.now())
    return ngettext("%(count)s code made.", "%(count)s codes made.", made) % {"count": figure(made)}


def _import(request: StaffRequest, coupon: Coupon) -> str:
    lines = request.POST.get("codes", "").splitlines()
    upload = request.FILES.get("file")
    if upload is not None:
        if (upload.size or 0) > LARGEST_MB * 1_000_000:
            words = _("The file is larger than %(size)d MB. Divide it, and add the codes part by part.")
            raise CodesNotTaken(fields={"codes": [words % {"size": LARGEST_MB}]})
        lines += upload.read().decode("utf-8-sig", "replace").splitlines()
    added, known = services.import_codes(coupon=coupon, texts=lines, by=request.user, now=timezone.now())
    words = ngettext(
        "%(added)s code taken, %(known)s stood there already.",
        "%(added)s codes taken, %(known)s stood there already.",
        added,
    )
    return words % {"added": figure(added), "known": figure(known)}


@page("loyalty.read_code")
@require_POST
def show(request: StaffRequest, grant_id: int) -> HttpResponse:
    """One code in clear, on the record; by POST, so that no address shows it."""
    grant = get_object_or_404(
        CouponGrant.objects.select_related("coupon", "code", "member").filter(
            member__in=Member.objects.visible_to(request.user)
        ),
        pk=grant_id,
    )
    code = services.read_code(grant=grant, by=request.user, now=timezone.now())
    context: dict[str, Any] = {
        "title": grant.coupon.name,
        "grant": grant,
        "code": printed(code),
        "until": end_of(grant),
    }
    return in_frame(request, "loyalty/code.html", context)
