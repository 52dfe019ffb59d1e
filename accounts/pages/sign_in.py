"""The pages to sign in, to sign out and to change one's own password, each of which leaves a record."""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from accounts.pages.second_factor import has_passed
from accounts.services import record_failed_sign_in, record_sign_in, record_sign_out, set_password
from accounts.services.locks import one_guess_at_a_time, was_refused_unread
from core.errors import TooManyRequests
from core.middleware import client_address


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The answer to whoever is locked out, the same for names that exist and names that do not."""
    del original_response, credentials
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    answer = render(request, "accounts/locked.html", {"minutes": seconds // 60}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Hands the new password to the service."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002  # Django's signature
        del commit
        person: User = self.user
        password = self.cleaned_data["new_password1"]
        self.user: User = set_password(person=person, password=password, by=person, now=timezone.now())
        return self.user


class RecordedAccess(UnfoldAdminSite):
    """An admin site that knows who came, who was turned away and who left."""

    def has_permission(self, request: HttpRequest) -> bool:
        """People with an active account who have shown both factors; programs have keys and no business here."""
        user: User | AnonymousUser = request.user
        return isinstance(user, User) and user.is_active and user.is_staff and has_passed(user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Whoever has given the password alone is led on to the second factor."""
        user: User | AnonymousUser = request.user
        if request.method == "GET" and isinstance(user, User) and user.is_staff and not has_passed(user):
            target = urlencode({"next": request.GET.get("next", "")})
            return redirect(f"{reverse('accounts:second_factor')}?{target}")
        if request.method != "POST":
            shown: HttpResponse = super().login(request, extra_context)
            return shown
        try:
            with one_guess_at_a_time(username=request.POST.get("username", ""), address=client_address(request)):
                return self._check(request, extra_context)
        except TooManyRequests:
            return locked_out(request)

    def _check(self, request: HttpRequest, extra_context: dict[str, Any] | None) -> HttpResponse:
        """A lock is on record once: what is refused during it does not make the record grow."""
        answer: HttpResponse = super().login(request, extra_context)
        if isinstance(answer, HttpResponseRedirect) and isinstance(request.user, User):
            record_sign_in(person=request.user, now=timezone.now())
        elif not was_refused_unread(request):
            record_failed_sign_in(username=request.POST.get("username", ""), now=timezone.now())
        return answer

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        person = request.user
        answer: HttpResponse = super().logout(request, extra_context)
        if request.method == "POST" and isinstance(person, User):
            record_sign_out(person=person, now=timezone.now())
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse(f"{self.name}:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return cast("HttpResponse", view(request))
