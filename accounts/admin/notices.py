"""The bell: one's own notices."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.models import InAppNotice
from accounts.services import mark_read
from core.admin import EvidenceAdmin

STATES = {"info": "none", "watch": "watch", "act": "act"}


@admin.register(InAppNotice)
class NoticeAdmin(EvidenceAdmin):
    """Opening a notice is a POST: it marks it as read and leads to what it is about."""

    list_display = ("headline", "body", "created_at", "is_read")
    list_display_links = None
    change_list_template = "accounts/notices.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_view_permission(self, request: HttpRequest, obj: InAppNotice | None = None) -> bool:
        return request.user.is_active and (obj is None or obj.recipient_id == request.user.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InAppNotice]:
        notices: QuerySet[InAppNotice] = super().get_queryset(request)
        return notices.filter(recipient=request.user.pk)

    def get_urls(self) -> list[URLPattern]:
        open_one = path("<int:notice_id>/open/", self.admin_site.admin_view(self.open_one), name="accounts_notice_open")
        read_all = path("read/", self.admin_site.admin_view(self.read_all), name="accounts_notice_read_all")
        return [open_one, read_all, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page: HttpResponse = super().changelist_view(
            request, {"states": STATES, "title": _("Notices"), **(extra_context or {})}
        )
        return page

    def open_one(self, request: HttpRequest, notice_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        notice = get_object_or_404(self.get_queryset(request), pk=notice_id)
        mark_read(self.get_queryset(request).filter(pk=notice.pk), now=timezone.now())
        safe = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
        return redirect(notice.url if notice.url and safe else reverse("admin:accounts_inappnotice_changelist"))

    def read_all(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        mark_read(self.get_queryset(request), now=timezone.now())
        return redirect("admin:accounts_inappnotice_changelist")

    @admin.display(description=_("notice"))
    def headline(self, notice: InAppNotice) -> str:
        return format_html(
            '<span class="s-state" data-state="{}">{}</span> {}',
            STATES[notice.level],
            notice.get_level_display(),
            notice.title,
        )

    @admin.display(description=_("read"), boolean=True)
    def is_read(self, notice: InAppNotice) -> bool:
        return notice.read_at is not None
