"""Addresses of tiers and tags, inside the admin."""

from django.urls import path

from segments.pages import audience_builder, audiences, flow, rules, tags, tiers

app_name = "segments"
urlpatterns = [
    path("tiers/", tiers.overview, name="tiers"),
    path("tiers/run/", tiers.run, name="run"),
    path("tiers/run/<int:request_id>/", tiers.progress, name="progress"),
    path("tiers/flow/", flow.matrix, name="flow"),
    path("tiers/rules/", rules.editor, name="rules"),
    path("tiers/rules/preview/", rules.preview, name="preview"),
    path("audiences/", audiences.listing, name="audiences"),
    path("audiences/add/", audience_builder.builder, name="audience_add"),
    path("audiences/draft/", audience_builder.draft, name="audience_draft"),
    path("audiences/estimate/", audience_builder.estimated, name="audience_estimate"),
    path("audiences/<int:audience_id>/", audiences.detail, name="audience"),
    path("audiences/<int:audience_id>/edit/", audience_builder.builder, name="audience_edit"),
    path("audiences/<int:audience_id>/count/", audiences.counted, name="audience_count"),
    path("audiences/<int:audience_id>/<slug:verb>/", audiences.act, name="audience_act"),
    path("tags/", tags.listing, name="tags"),
    path("tags/add/", tags.detail, name="tag_add"),
    path("tags/count/", tags.count, name="tag_count"),
    path("tags/<int:tag_id>/", tags.detail, name="tag"),
    path("tags/<int:tag_id>/delete/", tags.delete, name="tag_delete"),
]
