"""Addresses of messaging: inside the admin; calls of gateways, and the page where a member refuses, outside of it."""

from django.urls import include, path

from messaging import webhooks
from messaging.pages import doubts, gateways, refusing, sends, templates

app_name = "messaging"
urlpatterns = [
    path("messages/", sends.listing, name="sends"),
    path("messages/<int:send_id>/", sends.detail, name="send"),
    path("messages/<int:send_id>/move/", sends.move, name="send_move"),
    path("messages/templates/", templates.listing, name="templates"),
    path("messages/templates/new/", templates.add, name="template_add"),
    path("messages/templates/<int:template_id>/", templates.detail, name="template"),
    path("messages/templates/<int:template_id>/edit/", templates.edit, name="template_edit"),
    path("messages/templates/<int:template_id>/submit/", templates.submit, name="template_submit"),
    path("messages/gateways/", gateways.listing, name="gateways"),
    path("messages/gateways/new/", gateways.add, name="gateway_add"),
    path("messages/gateways/<int:gateway_id>/", gateways.edit, name="gateway_edit"),
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
