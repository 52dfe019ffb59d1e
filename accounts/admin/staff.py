"""Staff: who they are, what they may do, whom they see."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from accounts.enums import Role
from accounts.errors import OwnSecondFactor
from accounts.models import User
from accounts.pages import staff_of
from accounts.services import change_staff, create_staff, end_sessions, reset_second_factor
from audit.admin import RecordedAdmin
from audit.services import record
from core.admin import sentence
from core.registries import MenuEntry, menu
from core.rules.whole import whole_in
from core.templatetags.scrm import moment

menu.register(
    MenuEntry(
        code="staff",
        group="settings",
        title=_("Staff and roles"),
        url_name="admin:accounts_user_changelist",
        icon="badge",
        permission="accounts.view_user",
        order=10,
    )
)
admin.site.unregister(Group)  # permissions come from roles: a page that edits groups would do nothing
PasswordPages: Any = UserAdmin  # what RecordedAdmin says goes before what both inherit; its types do not know that
GIVEN = ("display_name", "role", "region", "is_active")


class TakeOnForm(UserCreationForm):
    """A new person or program; a program needs no password, it has keys."""

    class Meta:
        model = User
        fields = ("username", "display_name", "role", "region", "stores")

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("role") == Role.API_CLIENT and not self.cleaned_data.get("password1"):
            self.cleaned_data["usable_password"] = "false"  # noqa: S105  # how the form says: none
        data: dict[str, Any] = super().clean()
        return data


@admin.register(User)
class StaffAdmin(PasswordPages, RecordedAdmin):
    add_form = TakeOnForm
    form = forms.ModelForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("person", "role", "sees", "is_active", "last_seen")
    list_display_links = ("person",)
    list_filter = ("role", "is_active", "region")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    autocomplete_fields = ("region", "stores")
    readonly_fields = ("username", "sees", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": (("username", "display_name"),)}),
        (_("What this account may do"), {"fields": (("role", "sees"), ("region", "stores"), "is_active")}),
        (_("History"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "display_name")}),
        (_("What this account may do"), {"fields": ("role", "region", "stores")}),
        (_("Password"), {"fields": ("password1", "password2")}),
    )
    add_form_template = "admin/change_form.html"  # without Django's promise of more fields on a second page
    actions = ()
    actions_detail = ("reset_second_factor",)

    @action(  # type: ignore[untyped-decorator]  # Unfold comes without types
        description=_("Reset the second factor"),
        url_path="second-factor",
        permissions=("reset",),
        icon="phonelink_erase",
    )
    def reset_second_factor(self, request: HttpRequest, object_id: int | str) -> HttpResponse:
        """For somebody who has lost the phone and the codes: asks for the reason."""
        person = self.get_object(request, str(object_id))
        if person is None:
            raise Http404
        reason = request.POST.get("reason", "").strip()
        if request.method == "POST" and reason:
            try:
                reset_second_factor(person=person, by=staff_of(request), now=timezone.now(), reason=reason)
            except OwnSecondFactor as error:
                messages.error(request, sentence(error))
            else:
                messages.success(request, gettext("The second factor was reset."))
            return redirect("admin:accounts_user_change", person.pk)
        context = {
            **self.admin_site.each_context(request),
            "person": person,
            "title": gettext("Reset the second factor"),
        }
        return TemplateResponse(request, "accounts/second_factor_reset.html", context)

    def has_reset_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        del object_id
        return bool(request.user.has_perm("accounts.change_user"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With the stores, because what a program sees depends on them."""
        staff: QuerySet[User] = super().get_queryset(request)
        return staff.prefetch_related("stores")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        del request
        return self.readonly_fields if obj else ()

    @admin.display(description=_("last sign-in"), ordering="last_login")
    def last_seen(self, user: User) -> SafeString | str:
        return moment(user.last_login) or "—"

    @admin.display(description=_("staff member"), ordering="username")
    def person(self, user: User) -> SafeString:
        return format_html('{} <span class="s-muted">{}</span>', user, user.username)

    @admin.display(description=_("sees"))
    def sees(self, user: User) -> str:
        return str(user.reach.label)

    def save_model(self, request: HttpRequest, obj: User, form: "forms.ModelForm[Any]", change: bool) -> None:  # noqa: FBT001  # Django's signature
        """Only what was changed goes to the service, which refuses one's own rights and the last administrator."""
        data, by, now = form.cleaned_data, staff_of(request), timezone.now()
        if change:
            given = {name: data[name] for name in GIVEN if name in form.changed_data}
            stores = data["stores"] if "stores" in form.changed_data else None
            change_staff(person=obj, by=by, now=now, stores=stores, **given)
            return
        stored = create_staff(
            username=data["username"],
            role=Role(data["role"]),
            by=by,
            now=now,
            display_name=data["display_name"],
            password=data.get("password1") or None,
            region=data["region"],
            stores=data["stores"],
        )
        obj.pk = stored.pk

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002  # Django's signature
        """A password given to somebody is recorded with the act; what it is stands nowhere."""
        with transaction.atomic():
            before = self._password_of(id)
            response: HttpResponse = super().user_change_password(request, id, form_url)
            person = User.objects.filter(pk=id).first() if self._password_of(id) != before else None
            if person is not None:
                end_sessions(person=person)
                record(by=staff_of(request), action="accounts.set_password", obj=person, at=timezone.now())
        return response

    def _password_of(self, number: str) -> str | None:
        return User.objects.filter(pk=whole_in(number) or 0).values_list("password", flat=True).first()

    def save_related(self, request: HttpRequest, form: "forms.ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: FBT001
        """The service set the stores."""
