"""A coupon written or changed, with the most that it can cost worked out before it is saved."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import INTEGER, whole_in
from loyalty.enums import CodeSource, CouponKind, CouponState, Stacking
from loyalty.errors import OfferChanged
from loyalty.models import Coupon
from loyalty.pages.reading import Reader, typed_moment, typed_plain
from loyalty.rules.terms import Terms, exposure_of, problems_of
from loyalty.services import coupons as services
from loyalty.services.coupons.words import problems_in_words

NAMES = [field.name for field in fields(Terms)]
MONTH = timedelta(days=30)


@page("loyalty.view_coupon")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, coupon_id: int | None = None) -> HttpResponse:
    """GET: the form. POST: work the cost out (`act=cost`), or save; what is refused comes back beside what was typed."""
    coupon = get_object_or_404(Coupon, pk=coupon_id) if coupon_id else None
    if not request.user.has_perm("loyalty.change_coupon" if coupon else "loyalty.add_coupon"):
        raise PermissionDenied
    if coupon is not None and coupon.state == CouponState.ENDED:
        return redirect("loyalty:coupon", coupon.pk)
    if request.method == "GET":
        return _show(request, coupon, _typed(coupon))
    typed = {name: request.POST.get(name, "") for name in (*NAMES, "version")}
    reader = Reader(typed)
    terms = _terms(reader, coupon)
    if terms is None or reader.faults:
        return _show(request, coupon, typed, reader.faults, status=422)
    if request.POST.get("act") == "cost":
        faults = problems_in_words(problems_of(terms))
        return _show(request, coupon, typed, faults, terms=None if faults else terms, status=422 if faults else 200)
    return _save(request, coupon, terms, typed)


def _save(request: StaffRequest, coupon: Coupon | None, terms: Terms, typed: dict[str, str]) -> HttpResponse:
    """Whoever saves again after she was told that somebody else was quicker puts hers in its place."""
    now = timezone.now()
    try:
        if coupon is None:
            saved = services.create_coupon(terms=terms, by=request.user, now=now)
        else:
            version = whole_in(typed["version"], most=INTEGER) or 0
            saved = services.update_coupon(coupon=coupon, terms=terms, version=version, by=request.user, now=now)
    except OfferChanged as refused:
        return _show(request, coupon, {**typed, "version": _version(coupon)}, {"": []}, refused, status=refused.status)
    except ScrmError as refused:
        return _show(request, coupon, typed, refused.fields or {"name": [str(refused)]}, refused, status=refused.status)
    if coupon is not None and coupon.state == CouponState.LIVE and saved.state == CouponState.PAUSED:
        messages.warning(request, _("The text has changed: claims wait until it is approved."))
    messages.success(request, _("Coupon “%(coupon)s” saved.") % {"coupon": saved.name})
    return redirect("loyalty:coupon", saved.pk)


def _version(coupon: Coupon | None) -> str:
    """As it is by now; one that is not made yet has none."""
    return str(Coupon.objects.values_list("version", flat=True).get(pk=coupon.pk)) if coupon else ""


def _terms(reader: Reader, coupon: Coupon | None) -> Terms | None:
    starts = reader.moment("starts_at", coupon.starts_at if coupon else None)
    ends = reader.moment("ends_at", coupon.ends_at if coupon else None)
    values: dict[str, Any] = {
        "name": reader.text("name", 60),
        "terms": reader.text("terms", 2000),
        "kind": reader.typed["kind"],
        "gift": reader.text("gift", 60),
        "code_source": coupon.code_source if coupon else reader.typed["code_source"],
        "stacking": reader.typed["stacking"],
        "stack_group": reader.text("stack_group", 20),
        **{name: reader.amount(name) for name in ("amount", "most", "gift_cost")},
        **{name: reader.whole(name) for name in ("percent", "stock", "valid_days")},
        "min_spend": reader.amount("min_spend") or Decimal(0),
        "per_member": 1 if (limit := reader.whole("per_member")) is None else limit,
    }
    if starts is None or ends is None:
        return None
    return Terms(**values, starts_at=starts, ends_at=ends)


def _typed(coupon: Coupon | None) -> dict[str, str]:
    if coupon is None:
        start = timezone.now()
        return {
            "kind": CouponKind.AMOUNT,
            "code_source": CodeSource.CLAIM,
            "stacking": Stacking.EXCLUSIVE,
            "per_member": "1",
            "starts_at": typed_moment(start),
            "ends_at": typed_moment(start + MONTH),
        }
    moments = {name: typed_moment(getattr(coupon, name)) for name in ("starts_at", "ends_at")}
    return {name: typed_plain(getattr(coupon, name)) for name in (*NAMES, "version")} | moments


def _show(
    request: StaffRequest,
    coupon: Coupon | None,
    typed: Mapping[str, str],
    errors: Mapping[str, Any] | None = None,
    refused: ScrmError | None = None,
    *,
    terms: Terms | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": _("Change “%(coupon)s”") % {"coupon": coupon.name} if coupon else _("New coupon"),
        "tab": "coupons",
        "coupon": coupon,
        "typed": typed,
        "errors": errors or {},
        "refused": refused,
        "exposure": exposure_of(terms) if terms else None,
        "kinds": CouponKind.choices,
        "sources": CodeSource.choices,
        "stackings": Stacking.choices,
        "since_start": coupon is not None and coupon.launched_at is not None,
    }
    return in_frame(request, "loyalty/coupon_form.html", context, status=status)
