"""Purchases, read only, with their lines."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from accounts.enums import Reach
from accounts.models import User
from core.admin import EvidenceAdmin
from core.moments import read_day
from core.registries import MenuEntry, menu
from core.templatetags.scrm import full_moment, money
from members.models import Member
from timeline.models import Purchase, PurchaseLine
from timeline.selectors.orders import numbered

menu.register(
    MenuEntry(
        code="purchases",
        group="members",
        title=_("Purchases"),
        url_name="admin:timeline_purchase_changelist",
        icon="receipt_long",
        permission="timeline.view_purchase",
        order=40,
    )
)


class LocalDays(RangeDateFilter):
    """Whole days where the brand is, both included; a bound that is no day narrows nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        del request
        first, last = (
            read_day(str(self.used_parameters.get(f"{self.field_path}_{end}", ""))) for end in ("from", "to")
        )
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": _midnight(first)})
        if last:
            queryset = queryset.filter(**{f"{self.field_path}__lt": _midnight(last + timedelta(days=1))})
        return queryset


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@admin.register(Purchase)
class PurchaseAdmin(EvidenceAdmin):
    list_display = ("order_no", "who", "when", "net", "type_label", "store", "channel")
    list_display_links = ("order_no",)
    list_filter = (("occurred_at", LocalDays), "kind")
    list_select_related = ("store",)
    ordering = ("-id",)  # as recorded: months hold no order by time, sorting by it would read them whole
    sortable_by = ()
    search_fields = ("order_no",)
    search_help_text = _("Order number, in full")
    fieldsets = (
        (None, {"fields": (("order_no", "type_label"), ("who", "when"), ("net", "source"), ("store", "channel"))}),
        (_("Codes"), {"fields": (("coupon_code", "referral_code"),)}),
        (_("Lines"), {"fields": ("line_table",)}),
    )
    readonly_fields = ("who", "type_label", "net", "when", "line_table")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Purchase]:
        """Purchases of the members whom this person may see, each with her member as she may see her."""
        user: Any = request.user
        members = Prefetch("member", Member.objects.visible_to(user))
        purchases: QuerySet[Purchase] = super().get_queryset(request).prefetch_related(members)
        if isinstance(user, User) and user.reach == Reach.ALL:
            return purchases
        return purchases.filter(member__in=Member.objects.visible_to(user))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Purchase], search_term: str
    ) -> tuple[QuerySet[Purchase], bool]:
        """By the table of order numbers, which says the months to read; never by reading the facts."""
        del request
        return (numbered(queryset, search_term.strip()) if search_term.strip() else queryset), False

    @admin.display(description=_("member"))
    def who(self, purchase: Purchase) -> SafeString:
        link = reverse("admin:members_member_change", args=(purchase.member_id,))
        return format_html('<a class="s-link" href="{}">{}</a>', link, purchase.member)

    @admin.display(description=_("kind"))
    def type_label(self, purchase: Purchase) -> str:
        return purchase.get_kind_display()

    @admin.display(description=_("net amount ¥"))
    def net(self, purchase: Purchase) -> str:
        return money(purchase.amount, 2)

    @admin.display(description=_("when"))
    def when(self, purchase: Purchase) -> SafeString:
        return full_moment(purchase.occurred_at)

    @admin.display(description=_("lines"))
    def line_table(self, purchase: Purchase) -> SafeString:
        """The partition is known by the order's time, so one month is read."""
        lines = PurchaseLine.objects.filter(
            member=purchase.member_id, occurred_at=purchase.occurred_at, purchase_id=purchase.pk
        )
        return SafeString(
            render_to_string("timeline/lines.html", {"lines": lines.select_related("product").order_by("pk")})
        )
