"""Keys of programs: made with a secret that is shown once, changed but for the secret, revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.errors import NotANetwork
from accounts.models import ApiKey, User
from accounts.pages import staff_of
from accounts.services import change_api_key, create_api_key, revoke_api_key
from accounts.services.api_keys import parse_networks
from core.admin import EvidenceAdmin, sentence
from core.moments import bound_field
from core.registries import MenuEntry, api_scopes, menu

menu.register(
    MenuEntry(
        code="api_keys",
        group="settings",
        title=gettext_lazy("API keys"),
        url_name="admin:accounts_apikey_changelist",
        icon="key",
        permission="accounts.view_apikey",
        order=40,
    )
)


class KeyForm(forms.Form):
    """What a key is for and what it may do."""

    user = forms.ModelChoiceField(
        User.objects.filter(role=Role.API_CLIENT, is_active=True).order_by("username"),
        label=gettext_lazy("For which program"),
    )
    name = forms.CharField(max_length=80, label=gettext_lazy("What it is used for"))
    scopes = forms.MultipleChoiceField(
        choices=lambda: [(scope.code, scope.sentence) for scope in api_scopes],
        label=gettext_lazy("What it may do"),
        error_messages={"required": gettext_lazy("Choose at least one scope.")},
    )
    expires_at = forms.DateTimeField(
        required=False,
        label=gettext_lazy("Works until"),
        help_text=gettext_lazy("Empty: until it is revoked."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    networks = forms.CharField(
        required=False,
        label=gettext_lazy("From which addresses"),
        help_text=gettext_lazy("One address or network per line, such as 203.0.113.0/24. Empty: from anywhere."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound_field(self.fields["expires_at"])

    def clean_networks(self) -> list[str]:
        try:
            return parse_networks(self.cleaned_data["networks"].splitlines())
        except NotANetwork as error:
            raise forms.ValidationError(sentence(error)) from error


class ChangeForm(KeyForm):
    """The same without whose key it is."""

    user = None  # type: ignore[assignment]  # this is how a form drops a field of its parent


@admin.register(ApiKey)
class ApiKeyAdmin(EvidenceAdmin):
    ordering = ("-created_at",)
    list_select_related = ("user",)
    list_display_links = None
    change_list_template = "accounts/keys.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.new_view), name="accounts_key_new"),
            path("<int:key_id>/edit/", view(self.edit_view), name="accounts_key_edit"),
            path("<int:key_id>/revoke/", view(self.revoke_view), name="accounts_key_revoke"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        keys: QuerySet[ApiKey] = super().get_queryset(request)
        return keys.select_related("user")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        more = {"title": _("API keys"), "may_change": self._may(request, "add"), "now": timezone.now()}
        page: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return page

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """The secret is in this one answer, and nowhere else."""
        if not self._may(request, "add"):
            raise PermissionDenied
        form = KeyForm(request.POST or None)
        context: dict[str, Any] = {"form": form, "title": _("New API key"), "scopes": api_scopes}
        if request.method == "POST" and form.is_valid():
            key, secret = create_api_key(by=staff_of(request), now=timezone.now(), **form.cleaned_data)
            context |= {"key": key, "secret": secret}
        response = TemplateResponse(
            request, "accounts/key_new.html", {**self.admin_site.each_context(request), **context}
        )
        response["Cache-Control"] = "no-store"
        return response

    def edit_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Everything but the secret and whose it is; a revoked key stays as it was."""
        if not self._may(request, "change"):
            raise PermissionDenied
        key = get_object_or_404(ApiKey, pk=key_id, revoked_at=None)
        present = {"name": key.name, "scopes": key.scopes, "expires_at": key.expires_at}
        form = ChangeForm(request.POST or None, initial={**present, "networks": "\n".join(key.networks)})
        if request.method == "POST" and form.is_valid():
            change_api_key(key=key, by=staff_of(request), now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The key was saved."))
            return redirect("admin:accounts_apikey_changelist")
        context = {
            "form": form,
            "title": key.name,
            "scopes": api_scopes,
            "chosen": form["scopes"].value(),
            "edited": key,
        }
        return TemplateResponse(request, "accounts/key_new.html", {**self.admin_site.each_context(request), **context})

    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may(request, "change"):
            raise PermissionDenied
        revoke_api_key(key=get_object_or_404(ApiKey, pk=key_id), by=staff_of(request), now=timezone.now())
        messages.success(request, _("The key was revoked."))
        return redirect("admin:accounts_apikey_changelist")

    def _may(self, request: HttpRequest, act: str) -> bool:
        return bool(request.user.has_perm(f"accounts.{act}_apikey"))
