"""Regions and stores."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.enums import Reach
from accounts.models import Region, Store
from accounts.pages import staff_of
from accounts.selectors import stores_visible_to
from audit.admin import RecordedAdmin
from core.registries import MenuEntry, menu

menu.register(
    MenuEntry(
        code="stores",
        group="settings",
        title=_("Stores"),
        url_name="admin:accounts_store_changelist",
        icon="storefront",
        permission="accounts.view_store",
        order=20,
    )
)
menu.register(
    MenuEntry(
        code="regions",
        group="settings",
        title=_("Regions"),
        url_name="admin:accounts_region_changelist",
        icon="map",
        permission="accounts.view_region",
        order=21,
    )
)


@admin.register(Region)
class RegionAdmin(RecordedAdmin):
    list_display = ("name", "code", "stores")
    search_fields = ("name", "code")
    ordering = ("code",)  # the model's own is dropped where rows are counted

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        """Those in which somebody sees stores; whoever is held to some, these only."""
        regions: QuerySet[Region] = super().get_queryset(request)
        user = staff_of(request)
        if user.reach != Reach.ALL:
            regions = regions.filter(pk__in=stores_visible_to(user).values("region"))
        return regions.annotate(store_count=Count("stores")).order_by("code")

    @admin.display(description=_("stores"), ordering="store_count")
    def stores(self, region: Any) -> Any:
        return region.store_count


@admin.register(Store)
class StoreAdmin(RecordedAdmin):
    list_display = ("name", "code", "region", "city", "is_open")
    list_select_related = ("region",)
    search_fields = ("name", "code", "city")
    fields = (("name", "code"), ("region", "city"), "is_open")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        stores: QuerySet[Store] = super().get_queryset(request)
        return stores.filter(pk__in=stores_visible_to(staff_of(request)).values("pk"))

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Regions are offered to those who know of all."""
        return ("region", "is_open") if staff_of(request).reach == Reach.ALL else ("is_open",)
