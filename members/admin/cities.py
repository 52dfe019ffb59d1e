"""Cities and the tier that the brand gives them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audit.admin import RecordedAdmin
from core.registries import MenuEntry, menu
from members.models import City

menu.register(
    MenuEntry(
        code="cities",
        group="settings",
        title=_("Cities"),
        url_name="admin:members_city_changelist",
        icon="location_city",
        permission="members.view_city",
        order=30,
    )
)


@admin.register(City)
class CityAdmin(RecordedAdmin):
    list_display = ("name", "province", "tier")
    list_filter = ("tier",)
    search_fields = ("name", "province")
    fields = (("name", "province"), "tier")
