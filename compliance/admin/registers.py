"""What the registers put before those who keep them today, and how they do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.selectors.incidents import clock_of, open_incidents
from compliance.selectors.pipia import Standing, standings
from compliance.selectors.registers import overdue_rules, unproved_recipients
from compliance.selectors.thresholds import Watched, watched_thresholds
from core.registries import WorkItem, WorkSource, health, work
from core.templatetags.scrm import figure, moment_text

MOST = 3


def running(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Open incidents, the one whose time runs out first."""
    del user
    for incident in open_incidents()[:MOST]:
        yield WorkItem(
            state=clock_of(incident, now=now)[0],
            title=_("Incident: %(title)s") % {"title": incident.title},
            detail=_("The four hours end at %(moment)s.") % {"moment": moment_text(incident.due_at, now)},
            url=reverse("compliance:incident", args=(incident.pk,)),
            act=_("Go on with it"),
        )


def assessments(user: Any, now: datetime) -> Iterator[WorkItem]:
    """What is held back although the daily work needs it, then what ends within a month."""
    del user
    found = standings(now=now)
    held = [each for each in found if each.feature.daily and not each.allowed]
    if held:
        yield _held_back(held)
    for each in found:
        if each.ends_soon and each.in_force is not None and each.in_force.valid_until is not None:
            yield WorkItem(
                state="watch",
                title=_("An assessment is running out: %(feature)s") % {"feature": each.feature.label},
                detail=_("Valid until %(moment)s.") % {"moment": moment_text(each.in_force.valid_until, now)},
                url=reverse("compliance:assessments"),
                act=_("Assess anew"),
            )


def rules(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Checks that are overdue, in one line; proofs of deletion that are owed."""
    del user
    _watched, overdue = overdue_rules(now=now)
    if overdue:
        count = len(overdue)
        yield WorkItem(
            state="watch",
            title=ngettext("%(count)d watched rule is overdue", "%(count)d watched rules are overdue", count)
            % {"count": count},
            detail=str(overdue[0]),
            url=reverse("compliance:watched_rules"),
            act=_("Check them"),
        )
    for recipient in unproved_recipients()[:MOST]:
        yield WorkItem(
            state="act",
            title=_("%(name)s still owes the proof of deletion") % {"name": recipient.name},
            url=reverse("compliance:recipient", args=(recipient.pk,)),
            act=_("Keep the proof"),
        )


def thresholds(user: Any, now: datetime) -> Iterator[WorkItem]:
    """From 80 % of a threshold on, until its duty is done."""
    del user
    for each in watched_thresholds():
        if each.state != "good":
            yield WorkItem(
                state=each.state,
                title=_reached(each),
                detail=_("To be done by %(moment)s.") % {"moment": moment_text(each.due_at, now)}
                if each.due_at
                else str(each.threshold.duty),
                url=reverse("compliance:registers"),
                act=_("See the duty"),
            )


def condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    """The number of persons against the next threshold, once they have been counted."""
    del user, now
    found = watched_thresholds()
    if found[0].persons == 0:
        return
    near = next((each for each in found if each.persons < each.threshold.persons), found[-1])
    worst = next((each.state for each in found if each.state != "good"), "good")
    yield WorkItem(
        state=worst,
        title=_("Number of persons"),
        detail=_("%(persons)s, %(share)s %% of %(threshold)s")
        % {
            "persons": figure(near.persons),
            "share": f"{100 * near.persons / near.threshold.persons:.0f}",
            "threshold": near.threshold.label,
        },
        url=reverse("compliance:registers"),
        act="",
    )


def _held_back(held: list[Standing]) -> WorkItem:
    first = held[0]
    return WorkItem(
        state="act",
        title=ngettext(
            "%(count)d feature waits for its assessment", "%(count)d features wait for their assessment", len(held)
        )
        % {"count": len(held)},
        detail=_("%(feature)s: one person writes the assessment, another approves it.")
        % {"feature": first.feature.label},
        url=reverse("compliance:assessments"),
        act=_("See the assessments"),
    )


def _reached(watched: Watched) -> str:
    words = _("%(threshold)s are reached") if watched.state == "act" else _("80 %% of %(threshold)s are reached")
    return words % {"threshold": watched.threshold.label}


work.register(WorkSource(code="compliance.incidents", items=running, permission="compliance.view_incident", order=1))
work.register(
    WorkSource(code="compliance.assessments", items=assessments, permission="compliance.view_assessment", order=30)
)
work.register(WorkSource(code="compliance.rules", items=rules, permission="compliance.view_watchedrule", order=40))
work.register(WorkSource(code="compliance.thresholds", items=thresholds, permission="compliance.add_dutydone", order=5))
health.register(
    WorkSource(code="compliance.persons", items=condition, permission="compliance.view_personcount", order=60)
)
