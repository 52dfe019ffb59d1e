"""Addresses of campaigns: inside the admin, and short links outside of it."""

from django.urls import include, path
from django.views.decorators.http import require_POST

from campaigns.pages import activities, acts, editing, festivals, giving, links, redirect, settings
from core.pages import page

app_name = "campaigns"
_change = page("campaigns.change_activity")
_act = _change(require_POST(acts.act))
urlpatterns = [
    path("activities/", activities.listing, name="activities"),
    path("activities/new/", editing.create, name="new"),
    path("activities/festivals/", festivals.plan, name="festivals"),
    path("activities/compare/", activities.compare, name="compare"),
    path("activities/settings/", settings.settings, name="settings"),
    path("activities/<int:activity_id>/", activities.detail, name="activity"),
    path("activities/<int:activity_id>/edit/", editing.edit, name="edit"),
    path("activities/<int:activity_id>/estimate/", activities.estimate, name="estimate"),
    *(
        path(f"activities/<int:activity_id>/{verb}/", _act, {"verb": verb}, name=verb)
        for verb in (*acts.PLAIN, *acts.WITH_REASON)
    ),
    path(
        "activities/<int:activity_id>/budget/",
        page("campaigns.approve_budget")(acts.approve),
        name="approve_budget",
    ),
    path("activities/offers/<int:offer_id>/give/", giving.give, name="give"),
    path("activities/<int:activity_id>/copy/", page("campaigns.add_activity")(acts.clone), name="clone"),
    path("activities/<int:activity_id>/costs/", page("campaigns.add_cost")(acts.add_cost), name="add_cost"),
    path("activities/costs/<int:cost_id>/", page("campaigns.add_cost")(acts.take_back_cost), name="take_back_cost"),
    path("links/", links.listing, name="links"),
    path("links/new/", links.create, name="link_new"),
    path("links/hosts/", links.hosts, name="link_hosts"),
    path("links/<int:link_id>/", links.detail, name="link"),
    path("links/<int:link_id>/code/", links.picture, name="link_picture"),
    path("links/<int:link_id>/close/", links.close, name="link_close"),
]
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
