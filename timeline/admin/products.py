"""Products: what they are called, and how long one lasts."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audit.admin import RecordedAdmin
from core.registries import MenuEntry, menu
from timeline.models import Product

menu.register(
    MenuEntry(
        code="products",
        group="settings",
        title=_("Products"),
        url_name="admin:timeline_product_changelist",
        icon="inventory_2",
        permission="timeline.view_product",
        order=35,
    )
)


@admin.register(Product)
class ProductAdmin(RecordedAdmin):
    list_display = ("name", "code", "category", "cycle_days")
    list_display_links = ("name", "code")
    list_filter = (("category", admin.AllValuesFieldListFilter),)
    search_fields = ("code", "name")
    fields = (("code", "name"), ("category", "cycle_days"))
