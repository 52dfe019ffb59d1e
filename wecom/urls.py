"""Addresses of the connection: what WeCom calls."""

from django.urls import include, path

from wecom.webhooks import callback

#: For `include()` outside of the admin: this address is entered in WeCom's admin console.
callbacks = include(([path("<int:app_id>/", callback, name="callback")], "wecom"))
