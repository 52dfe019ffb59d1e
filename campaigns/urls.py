"""Addresses of campaigns: inside the admin, and short links outside of it."""

from django.urls import URLPattern, include, path

from campaigns.pages import redirect

app_name = "campaigns"
urlpatterns: list[URLPattern] = []
#: For `include()` outside of the admin; short, because they stand on posters and in messages.
short_links = include(
    (
        [
            path("<slug:code>", redirect.follow, name="follow"),
            path("<slug:code>/<str:token>", redirect.follow, name="personal"),
        ],
        "links",
    )
)
