"""Addresses of KOC, for `pages_of_the_admin`: of a KOC who is the brand's first member."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from community.models import Koc, LevelProposal
from community.services import kocs
from members.models import Member
from tests.community import koc_cast as cast

Row = tuple[Any, ...]
SEES, ANSWERS, STEPS = "community.view_koc", "community.add_koc", "community.change_koc"


@dataclass(frozen=True)
class Made:
    """One of everything."""

    koc: Koc
    proposal: LevelProposal


def invited(member: Member) -> Koc:
    cast.notice()
    return cast.invited(member, now=timezone.now())


def active(member: Member) -> Koc:
    """Whoever was made a KOC by another part of the brand is taken as she is."""
    found = Koc.objects.filter(member=member).first()
    return found or cast.active(member, now=timezone.now())


def paused(member: Member) -> Koc:
    return kocs.pause(koc=active(member), by=cast.marketer(), now=timezone.now(), reason="休假")


def proposed(member: Member) -> LevelProposal:
    return LevelProposal.objects.create(
        koc=active(member),
        kind="promote",
        from_level="co_creation",
        to_level="priority",
        facts={"score": "50.0", "against": "45.0", "days": "31", "days_needed": "30"},
        made_at=timezone.now(),
    )


def make(member: Member) -> Made:
    proposal = proposed(member)
    return Made(proposal.koc, proposal)


def looked_at(made: Made) -> Iterator[tuple[str, str, bool, Row]]:
    """(name, permission, whether it is about the member, arguments) of pages that a GET shows."""
    for name, permission, about_her, *args in (
        ("koc", SEES, False),
        ("koc_page", SEES, True, made.koc.pk),
        ("koc_effect", "community.view_effectrun", False),
        ("koc_weights", "community.view_scoreweights", False),
        ("koc_levels", "community.view_levelrule", False),
    ):
        yield f"community:{name}", permission, about_her, tuple(args)


def posted_to(made: Made) -> Iterator[Row]:
    """Addresses that take a POST only. Steps look at the permission of each verb behind the one of the page."""
    koc = made.koc.pk
    steps = ("take_back", "pause", "demote", "leave", "decline", "accept", "agree", "resume", "level")
    yield from ((f"community:koc_{verb}", SEES, koc) for verb in steps)
    yield from (
        ("community:koc_invite", ANSWERS),
        ("community:koc_score", "community.measure_koc"),
        ("community:koc_measure", "community.measure_koc"),
        ("community:koc_text", "community.add_kocagreement", "programme"),
        ("community:koc_decide", STEPS, made.proposal.pk),
    )
