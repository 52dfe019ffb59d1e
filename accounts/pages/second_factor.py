"""The pages of the second factor: asked for after the password, set up once, looked after by oneself."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, urlencode

import django_otp
import segno
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import Authenticator, User
from accounts.pages import StaffRequest, staff_of
from accounts.selectors import codes_left
from accounts.services import begin_authenticator, check_second_factor, confirm_authenticator, renew_recovery_codes
from core.errors import ScrmError
from core.pages import in_frame

View = Callable[[StaffRequest], HttpResponse]
ISSUER = "SCRM"
KEPT = "authenticator"  # the secret of the app that this session sets up, sealed


def has_passed(user: User) -> bool:
    """Whether this session has shown the second factor, where one is asked for."""
    verified = getattr(user, "is_verified", None)
    return not settings.SCRM_SECOND_FACTOR or bool(verified and verified())


def after_the_password(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """A page for staff who have given their password, and perhaps nothing else yet."""

    @never_cache
    @csrf_protect
    @sensitive_post_parameters()
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not (isinstance(user, User) and user.is_active and user.is_staff):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request)  # type: ignore[arg-type]  # narrowed just now

    return guarded


@after_the_password
def second_factor(request: StaffRequest) -> HttpResponse:
    """Asks for a code; who has no app yet is led to setting one up."""
    if _authenticator(request) is None:
        return redirect(f"{reverse('accounts:second_factor_set_up')}?{urlencode({'next': _next(request)})}")
    problem: ScrmError | None = None
    if request.method == "POST":
        try:
            device = check_second_factor(person=request.user, code=request.POST.get("code", ""), now=timezone.now())
        except ScrmError as error:
            problem = error
        else:
            return _let_in(request, device)
    return _shown(request, "accounts/second_factor.html", {}, problem)


@after_the_password
def set_up(request: StaffRequest) -> HttpResponse:
    """Shows the secret as a picture and as text, until a code proves that the app has it.

    Who has an app already needs a code of it first: a session alone cannot change the phone.
    """
    present = _authenticator(request)
    if present is not None and not has_passed(request.user):
        return redirect("accounts:second_factor")
    problem: ScrmError | None = None
    if request.method == "POST":
        try:
            device, codes = confirm_authenticator(
                person=request.user, kept=request.session.get(KEPT, ""), code=request.POST.get("code", ""),
                current=request.POST.get("current", ""), now=timezone.now(),
            )  # fmt: skip
        except ScrmError as error:
            problem = error
        else:
            del request.session[KEPT]
            django_otp.login(request, device)
            request.session.cycle_key()
            return _shown(request, "accounts/recovery_codes.html", {"codes": codes}, None)
    request.session[KEPT], secret = begin_authenticator(person=request.user, kept=request.session.get(KEPT, ""))
    grouped = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    picture = _picture(request.user, secret)
    context = {"picture": picture, "secret": grouped, "present": present}
    return _shown(request, "accounts/second_factor_set_up.html", context, problem)


def own(request: HttpRequest) -> HttpResponse:
    """One's own second factor: since when, how many codes are left; new codes against a code."""
    person = staff_of(request)
    context: dict[str, Any] = {"title": _("Second step"), "device": _authenticator(request), "left": codes_left(person)}
    status = 200
    if request.method == "POST":
        try:
            codes = renew_recovery_codes(person=person, code=request.POST.get("code", ""), now=timezone.now())
            context |= {"codes": codes, "left": len(codes)}
        except ScrmError as error:
            context["problem"], status = error, error.status
    answer = in_frame(request, "accounts/second_factor_own.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _authenticator(request: HttpRequest) -> Authenticator | None:
    return Authenticator.objects.filter(user=staff_of(request), confirmed=True).first()


def _let_in(request: HttpRequest, device: Authenticator) -> HttpResponse:
    django_otp.login(request, device)
    request.session.cycle_key()
    return redirect(_next(request) or "admin:index")


def _next(request: HttpRequest) -> str:
    """Where to go afterwards, if that is a place of ours."""
    target = str(request.POST.get("next") or request.GET.get("next") or "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else ""


def _shown(request: HttpRequest, template: str, context: dict[str, Any], problem: ScrmError | None) -> HttpResponse:
    base = {**admin.site.each_context(request), "next": _next(request), "problem": problem}
    answer = render(request, template, {**base, **context}, status=problem.status if problem else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def _picture(person: User, secret: str) -> SafeString:
    """The QR code as SVG, drawn here: nothing about the secret leaves the page."""
    label = quote(f"{ISSUER}:{person.get_username()}")
    address = f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"
    drawn = segno.make(address, error="m").svg_inline(border=3, omitsize=True)
    return mark_safe(drawn)  # segno writes shapes only; the text of the code stands in no attribute
