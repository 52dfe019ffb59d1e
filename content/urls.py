"""Addresses of content, inside the admin."""

from django.urls import URLPattern

app_name = "content"
urlpatterns: list[URLPattern] = []
