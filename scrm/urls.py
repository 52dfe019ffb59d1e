"""Addresses of the project."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from campaigns.urls import short_links
from compliance.urls import privacy
from scrm.pages.packs import pack_urls
from wecom.urls import callbacks

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", include("accounts.urls")),
    path("admin/", include("dashboards.urls")),
    path("admin/", include("segments.urls")),
    path("admin/", include("compliance.urls")),
    path("admin/", include("loyalty.urls")),
    path("admin/", include("content.urls")),
    path("admin/", include("community.urls")),
    path("admin/", include("campaigns.urls")),
    path("admin/", include((pack_urls, "scrm"))),
    path("privacy/", privacy),
    path("l/", short_links),
    path("wecom/callback/", callbacks),
    path("admin/", admin.site.urls),
    path("api/v1/", include("scrm.api")),
]
handler500 = "scrm.api.server_error"
