"""Addresses of messaging: calls of gateways, and the page where a member refuses."""

from django.urls import include, path

from messaging import webhooks
from messaging.pages import refusing

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
