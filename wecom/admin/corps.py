"""Corps and their apps. A secret is typed in and never shown again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.pages import staff_of
from core.admin import ReferenceAdmin
from core.templatetags.scrm import moment_text
from wecom.models import AccessToken, Corp, CorpApp
from wecom.services.corps import SECRETS, change_app, change_corp, create_app, create_corp


@admin.register(Corp)
class CorpAdmin(ReferenceAdmin):
    list_display = ("name", "corpid", "base_url", "active")
    search_fields = ("name", "corpid")
    ordering = ("name", "id")
    fields = (("name", "corpid"), "base_url", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: Corp | None = None) -> tuple[str, ...]:
        """A corp is its ID; it is switched off, not begun switched off."""
        del request
        return ("active",) if obj is None else ("corpid",)

    def write(self, *, request: HttpRequest, obj: Any, form: "forms.ModelForm[Any]", change: bool) -> None:
        data = form.cleaned_data
        given: dict[str, Any] = {
            "name": data["name"],
            "base_url": data["base_url"],
            "by": staff_of(request),
            "now": timezone.now(),
        }
        if change:
            change_corp(corp=obj, active=data["active"], **given)
        else:
            obj.pk = create_corp(corpid=data["corpid"], **given).pk


def _secret_field(label: Any) -> forms.CharField:
    """What is typed is not shown, nor offered again by the browser, and empty leaves what there is."""
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label, required=False, max_length=200, widget=widget, help_text=gettext_lazy("Empty: stays as it is.")
    )


class AppForm(forms.ModelForm):  # type: ignore[type-arg]  # takes arguments in its stubs only
    secret = _secret_field(gettext_lazy("Secret"))
    callback_token = _secret_field(gettext_lazy("Token"))
    callback_aes_key = _secret_field(gettext_lazy("EncodingAESKey"))

    class Meta:
        model = CorpApp
        fields = ("corp", "kind", "name", "agentid", "active")

    def _post_clean(self) -> None:
        """Nothing of the form is put on the row: the service seals what was typed, and stores the rest."""
        self.instance.name = self.cleaned_data.get("name", self.instance.name)


@admin.register(CorpApp)
class CorpAppAdmin(ReferenceAdmin):
    form = AppForm
    list_display = ("name", "corp", "kind", "agentid", "has_secret", "takes_callbacks", "active")
    list_select_related = ("corp",)
    list_filter = ("kind", "active")
    search_fields = ("name", "corp__name")
    ordering = ("corp_id", "kind", "id")
    fieldsets = (
        (None, {"fields": (("corp", "kind"), ("name", "agentid"), "active")}),
        (gettext_lazy("What opens the API"), {"fields": ("secret", "token_state")}),
        (gettext_lazy("Callbacks"), {"fields": ("address", ("callback_token", "callback_aes_key"))}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: CorpApp | None = None) -> tuple[str, ...]:
        del request
        shown = ("token_state", "address")
        return (*shown, "active") if obj is None else (*shown, "corp", "kind")

    @admin.display(description=gettext_lazy("Secret"), boolean=True)
    def has_secret(self, app: CorpApp) -> bool:
        return app.secret is not None

    @admin.display(description=gettext_lazy("takes callbacks"), boolean=True)
    def takes_callbacks(self, app: CorpApp) -> bool:
        return app.callback_token is not None

    @admin.display(description=gettext_lazy("access token"))
    def token_state(self, app: CorpApp) -> str:
        access = AccessToken.objects.filter(app=app.pk).first() if app.pk else None
        if access is None or app.secret is None:
            return _("There is no Secret yet.")
        if access.refused_code:
            return _("WeCom refused the Secret with error code %(code)d.") % {"code": access.refused_code}
        if access.expires_at is None:
            return _("None yet; it is fetched with the first call.")
        return _("Until %(moment)s") % {"moment": moment_text(access.expires_at, timezone.now())}

    @admin.display(description=gettext_lazy("callback address"))
    def address(self, app: CorpApp) -> str:
        """To be entered in WeCom's admin console, together with the Token and EncodingAESKey made there."""
        if not app.pk:
            return _("Save the app first; then its address stands here.")
        path = reverse("wecom:callback", args=(app.pk,))
        return _("%(path)s, behind the public address of this installation") % {"path": path}

    def write(self, *, request: HttpRequest, obj: Any, form: "forms.ModelForm[Any]", change: bool) -> None:
        data = form.cleaned_data
        given: dict[str, Any] = {
            "name": data["name"],
            "agentid": data["agentid"],
            "secrets": {name: data[name] for name in SECRETS},
            "by": staff_of(request),
            "now": timezone.now(),
        }
        if change:
            change_app(app=obj, active=data["active"], **given)
        else:
            obj.pk = create_app(corp=data["corp"], kind=data["kind"], **given).pk
