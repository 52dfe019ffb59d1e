"""Addresses of messaging: inside the admin; calls of gateways, and the page where a member refuses, outside of it."""

from django.urls import include, path

from messaging import webhooks
from messaging.pages import doubts, refusing

app_name = "messaging"
urlpatterns = [
    path("messages/doubts/", doubts.listing, name="doubts"),
    path("messages/doubts/say/", doubts.say, name="say"),
    path("messages/doubts/<int:delivery_id>/ask/", doubts.ask, name="ask"),
]
#: For `include()` outside of the admin.
hooks = include(
    (
        [
            path("<slug:code>/replies/", webhooks.replies, name="replies"),
            path("<slug:code>/receipts/", webhooks.receipts, name="receipts"),
        ],
        "messagehooks",
    )
)
refusals = include(([path("<str:token>/", refusing.refuse, name="refuse")], "refusals"))
