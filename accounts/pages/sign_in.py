"""The pages to sign in, to sign out and to change one's own password, each of which leaves a record."""

from typing import Any, cast

from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from accounts.services import record_failed_sign_in, record_sign_in, record_sign_out, set_password


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

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: HttpResponse = super().login(request, extra_context)
        if request.method != "POST":
            return answer
        if isinstance(answer, HttpResponseRedirect) and isinstance(request.user, User):
            record_sign_in(person=request.user, now=timezone.now())
        else:
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
