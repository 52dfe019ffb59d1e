"""Who is locked out of signing in, and letting them try again."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import staff_of
from accounts.selectors import sign_in_locks
from accounts.services import lift_lock
from core.pages import in_frame, page
from core.registries import MenuEntry, menu

menu.register(
    MenuEntry(
        code="locks",
        group="settings",
        title=gettext_lazy("Sign-in locks"),
        url_name="accounts:locks",
        icon="lock_clock",
        permission="accounts.change_user",
        order=12,
    )
)


@page("accounts.change_user")
def locks(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("Sign-in locks"),
        "locks": sign_in_locks(now=timezone.now()),
        "account_limit": settings.AXES_FAILURE_LIMIT,
        "address_limit": settings.SCRM_ADDRESS_FAILURE_LIMIT,
        "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds()) // 60,
    }
    return in_frame(request, "accounts/locks.html", context)


@page("accounts.change_user")
def lift(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    which = {name: request.POST.get(name, "") for name in ("username", "address")}
    if any(which.values()) and lift_lock(**which, by=staff_of(request), now=timezone.now()):
        messages.success(request, _("The lock was lifted."))
    return redirect("accounts:locks")
