"""Addresses of content, inside the admin."""

from django.urls import path

from content.pages import calendar, gaps, materials, plans, reports, rules, slots, templates

app_name = "content"
urlpatterns = [
    path("calendar/", calendar.show, name="calendar"),
    path("calendar/gaps/<int:rule_id>/", gaps.show, name="gap"),
    path("calendar/plans/", plans.show, name="plans"),
    path("calendar/plans/new/", templates.edit, name="template_add"),
    path("calendar/plans/<int:template_id>/edit/", templates.edit, name="template"),
    path("calendar/plans/<int:template_id>/", plans.lay_template, name="plan"),
    path("calendar/series/", plans.repeat_slot, name="series"),
    path("calendar/rules/", rules.show, name="rules"),
    path("calendar/rules/cadence/", rules.cadence, name="cadence_add"),
    path("calendar/rules/cadence/<int:rule_id>/", rules.cadence, name="cadence"),
    path("calendar/rules/types/<int:type_id>/", rules.type_of_content, name="type"),
    path("calendar/rules/settings/", rules.behaviour, name="settings"),
    path("calendar/rules/dates/", rules.brand_date, name="date_add"),
    path("calendar/rules/dates/<int:festival_id>/", rules.switch_date, name="date_switch"),
    path("calendar/reports/", reports.show, name="reports"),
    path("calendar/slots/new/", slots.create, name="slot_add"),
    path("calendar/slots/<int:slot_id>/", slots.show, name="slot"),
    path("calendar/slots/<int:slot_id>/edit/", slots.edit, name="slot_edit"),
    path("calendar/slots/<int:slot_id>/move/", slots.move, name="slot_move"),
    path("calendar/slots/<int:slot_id>/<slug:step>/", slots.take_step, name="slot_step"),
    path("materials/", materials.listing, name="materials"),
    path("materials/new/", materials.create, name="material_add"),
    path("materials/<int:material_id>/", materials.show, name="material"),
    path("materials/<int:material_id>/version/", materials.add, name="material_version"),
    path("materials/<int:material_id>/archive/", materials.archive, name="material_archive"),
    path("materials/files/<int:version_id>/", materials.file, name="material_file"),
]
