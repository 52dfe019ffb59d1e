"""Addresses of the results, inside the admin."""

from django.urls import path

from dashboards.pages.cohorts import cohorts
from dashboards.pages.today import today

app_name = "dashboards"
urlpatterns = [
    path("today/", today, name="today"),
    path("results/cohorts/", cohorts, name="cohorts"),
]
