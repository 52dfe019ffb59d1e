"""Addresses of tiers and tags, inside the admin."""

from django.urls import path

from segments.pages import flow, rules, tags, tiers

app_name = "segments"
urlpatterns = [
    path("tiers/", tiers.overview, name="tiers"),
    path("tiers/run/", tiers.run, name="run"),
    path("tiers/run/<int:request_id>/", tiers.progress, name="progress"),
    path("tiers/flow/", flow.matrix, name="flow"),
    path("tiers/rules/", rules.editor, name="rules"),
    path("tiers/rules/preview/", rules.preview, name="preview"),
    path("tags/", tags.listing, name="tags"),
    path("tags/add/", tags.detail, name="tag_add"),
    path("tags/count/", tags.count, name="tag_count"),
    path("tags/<int:tag_id>/", tags.detail, name="tag"),
    path("tags/<int:tag_id>/delete/", tags.delete, name="tag_delete"),
]
