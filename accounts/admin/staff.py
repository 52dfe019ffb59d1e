"""Staff: who they are, what they may do, whom they see."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.contrib.auth.admin import UserAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.enums import Role
from accounts.models import User
from audit.admin import RecordedAdmin
from core.registries import MenuEntry, menu

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


@admin.register(User)
class StaffAdmin(UserAdmin, RecordedAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("person", "role", "scope", "is_active", "last_login")
    list_display_links = ("person",)
    list_filter = ("role", "is_active", "region")
    list_select_related = ("region",)
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    autocomplete_fields = ("region", "stores")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": (("username", "display_name"), "password")}),
        (_("What this person may do and see"), {"fields": ("role", ("region", "stores"), ("is_active", "is_staff"))}),
        (_("History"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (None, {"fields": (("username", "display_name"), "role", ("region", "stores"), ("password1", "password2"))}),
    )

    @admin.display(description=_("staff member"), ordering="username")
    def person(self, user: User) -> str:
        return format_html('{}<span class="sub s-muted"> {}</span>', user, user.username)

    @admin.display(description=_("sees"))
    def scope(self, user: User) -> str:
        return f"{user.get_reach_display()}" if hasattr(user, "get_reach_display") else user.reach.label

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:  # noqa: FBT001
        RecordedAdmin.save_model(self, request, obj, form, change)


def is_program(user: User) -> bool:
    return user.role == Role.API_CLIENT


__all__ = ["Any", "StaffAdmin"]
