"""Products: what they are called, and how long one lasts."""

from django.contrib import admin
from django.db.models import F, Value
from django.db.models.functions import NullIf
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audit.admin import RecordedAdmin
from core.registries import MenuEntry, menu
from timeline.models import Product

NAMED_FIRST = NullIf(F("name"), Value(""))  # PostgreSQL puts what is NULL last

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
    list_display = ("title", "code", "category", "cycle_days")
    list_display_links = ("title", "code")
    ordering = (NAMED_FIRST, "code")
    list_filter = (("category", admin.AllValuesFieldListFilter),)
    search_fields = ("code", "name")
    fields = (("code", "name"), ("category", "cycle_days"))

    @admin.display(description=_("name"), ordering=NAMED_FIRST)
    def title(self, product: Product) -> str:
        return product.name or format_html('<span class="s-muted">{}</span>', _("no name yet"))
