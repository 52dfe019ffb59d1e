"""Addresses inside the admin, beside those of the member list."""

from django.urls import path

from members.pages import duplicates, merging

app_name = "members"
urlpatterns = [
    path("members/duplicates/", duplicates.listing, name="duplicates"),
    path("members/duplicates/decide/", duplicates.decide, name="duplicates_decide"),
    path("members/merge/<int:keep_id>/<int:merge_id>/", merging.merge, name="merge"),
    path("members/merge/<int:member_id>/with/", merging.find, name="merge_find"),
    path("members/unmerge/<int:member_id>/", merging.unmerge, name="unmerge"),
]
