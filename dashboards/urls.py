"""Addresses of the results, inside the admin."""

from django.urls import path

from dashboards.pages.churn import churn, churn_rule
from dashboards.pages.cohorts import cohorts
from dashboards.pages.follow_ups import seen_to
from dashboards.pages.hours import hours
from dashboards.pages.insight_settings import insight_settings
from dashboards.pages.metric import metric
from dashboards.pages.metric_members import members
from dashboards.pages.metric_settings import edit, listing
from dashboards.pages.preferences import preferences
from dashboards.pages.report import report
from dashboards.pages.results import results
from dashboards.pages.team import team
from dashboards.pages.today import today

app_name = "dashboards"
urlpatterns = [
    path("today/", today, name="today"),
    path("results/", results, name="results"),
    path("results/cohorts/", cohorts, name="cohorts"),
    path("results/report/", report, name="report"),
    path("results/metrics/", listing, name="metrics"),
    path("results/new-metric/", edit, name="metric_new"),
    path("results/metrics/<slug:code>/", metric, name="metric"),
    path("results/metrics/<slug:code>/members/", members, name="metric_members"),
    path("results/metrics/<slug:code>/edit/", edit, name="metric_edit"),
    path("today/follow-ups/", seen_to, name="seen_to"),
    path("results/insights/", churn, name="churn"),
    path("results/insights/threshold/", churn_rule, name="churn_rule"),
    path("results/insights/preferences/", preferences, name="preferences"),
    path("results/insights/hours/", hours, name="hours"),
    path("results/insights/settings/", insight_settings, name="insight_settings"),
    path("results/team/", team, name="team"),
]
