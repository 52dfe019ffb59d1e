"""Addresses of access, inside the admin."""

from django.contrib import admin
from django.urls import path

from accounts.pages.exports import decide, download, exports, new
from accounts.pages.locks import lift, locks
from accounts.pages.second_factor import own, second_factor, set_up

app_name = "accounts"
urlpatterns = [
    path("second-factor/", second_factor, name="second_factor"),
    path("second-factor/set-up/", set_up, name="second_factor_set_up"),
    path("second-factor/own/", admin.site.admin_view(own), name="second_factor_own"),
    path("exports/", admin.site.admin_view(exports), name="exports"),
    path("exports/new/", admin.site.admin_view(new), name="export_new"),
    path("exports/<int:export_id>/decide/", admin.site.admin_view(decide), name="export_decide"),
    path("exports/<int:export_id>/download/", admin.site.admin_view(download), name="export_download"),
    path("sign-in-locks/", locks, name="locks"),
    path("sign-in-locks/lift/", lift, name="lift_lock"),
]
