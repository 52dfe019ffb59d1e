"""The cards of the registers: how many entries, and what is wrong with them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from compliance.enums.registers import EntryState
from compliance.models import Incident, ProcessingActivity, Recipient
from compliance.selectors.incidents import clock_of, open_incidents
from compliance.selectors.pipia import standings
from compliance.selectors.registers import overdue_rules, unproved_recipients
from core.templatetags.scrm import figure


@dataclass(frozen=True, kw_only=True)
class Card:
    """`count` entries; `word` says how they do, coloured by `state`."""

    title: str
    icon: str
    article: str
    about: str
    count: int
    state: str
    word: str
    url: str


def cards(user: User, *, now: datetime) -> list[Card]:
    """Those that this person may open."""
    makers: tuple[tuple[str, Callable[[datetime], Card]], ...] = (
        ("view_processingactivity", _activities),
        ("view_recipient", _recipients),
        ("view_assessment", _assessments),
        ("view_incident", _incidents),
        ("view_watchedrule", _rules),
    )
    return [make(now) for permission, make in makers if user.has_perm(f"compliance.{permission}")]


def _activities(_now: datetime) -> Card:
    states = list(ProcessingActivity.objects.values_list("state", flat=True))
    drafts = states.count(EntryState.DRAFT)
    return Card(
        title=_("Processing activities"),
        icon="account_tree",
        article=_("PIPL Art. 13, 51"),
        about=_("What is done with personal data, why, how, for how long, and on what legal basis."),
        count=len(states),
        state="watch" if drafts else "good",
        word=ngettext("%(count)d draft to confirm", "%(count)d drafts to confirm", drafts) % {"count": drafts}
        if drafts
        else _("all confirmed"),
        url=reverse("compliance:activities"),
    )


def _recipients(_now: datetime) -> Card:
    owed, count = unproved_recipients().count(), Recipient.objects.count()
    return Card(
        title=_("Processors and recipients"),
        icon="handshake",
        article=_("PIPL Art. 20–23, 38"),
        about=_("Who else receives personal data, under which contract, and the proof of deletion at its end."),
        count=count,
        state="act" if owed else "good" if count else "none",
        word=ngettext("%(count)d proof of deletion owed", "%(count)d proofs of deletion owed", owed) % {"count": owed}
        if owed
        else _("nothing owed")
        if count
        else _("nobody entered"),
        url=reverse("compliance:recipients"),
    )


def _assessments(now: datetime) -> Card:
    found = standings(now=now)
    waiting, ending = sum(not each.allowed for each in found), sum(each.ends_soon for each in found)
    needed = any(each.feature.daily and not each.allowed for each in found)
    word = _("all features assessed")
    if waiting:
        word = ngettext("%(count)d feature held back", "%(count)d features held back", waiting) % {"count": waiting}
    elif ending:
        word = ngettext("%(count)d ends within 30 days", "%(count)d end within 30 days", ending) % {"count": ending}
    return Card(
        title=_("Impact assessments"),
        icon="policy",
        article=_("PIPL Art. 55–56"),
        about=_("What has to be assessed before it may run, with the reports kept for three years."),
        count=len(found),
        state="act" if needed else "watch" if ending else "none" if waiting else "good",
        word=word,
        url=reverse("compliance:assessments"),
    )


def _incidents(now: datetime) -> Card:
    running = list(open_incidents())
    clock = clock_of(running[0], now=now)[0] if running else "good"
    return Card(
        title=_("Incidents"),
        icon="emergency",
        article=_("PIPL Art. 57"),
        about=_("Leaks, alterations and losses: the four-hour clock, who is affected, who was told."),
        count=Incident.objects.count(),
        state=clock,
        word=_("%(count)s open, the clock is running") % {"count": figure(len(running))} if running else _("none open"),
        url=reverse("compliance:incidents"),
    )


def _rules(now: datetime) -> Card:
    watched, overdue = overdue_rules(now=now)
    return Card(
        title=_("Watched rules"),
        icon="visibility",
        article=_("PIPL Art. 51"),
        about=_("Laws and platforms' rules that may change: who looks at them, when last, when next."),
        count=watched,
        state="watch" if overdue else "good",
        word=ngettext("%(count)d check overdue", "%(count)d checks overdue", len(overdue)) % {"count": len(overdue)}
        if overdue
        else _("checked in time"),
        url=reverse("compliance:watched_rules"),
    )
