"""KOC: who could be one, who is, who was; the page of one."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.enums import Reach
from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from community.enums.koc import SCORING, STANDING, AgreementKind, KocLevel, KocState
from community.models import Koc, KocScore
from community.pages import koc_words as words
from community.pages.koc_panels import panels_for
from community.rules.koc_scoring import Weighing
from community.selectors.koc_effects import beside_matched
from community.selectors.koc_scores import (
    Target,
    koc_settings,
    latest_run,
    moves_of,
    next_candidates,
    target,
    weighing_of,
    weights_in_force,
)
from community.selectors.kocs import (
    SHOWN,
    acceptances_of,
    agreement_in_force,
    course_of,
    open_proposal_of,
    open_proposals,
    steps_of,
)
from compliance.selectors.pipia import is_assessed
from core.pages import in_frame, page
from members.models import Member

PER_PAGE = 50
FEWEST_CANDIDATES, MOST_CANDIDATES = 20, 60
TABS = (
    ("candidates", gettext_lazy("Candidates")),
    ("active", gettext_lazy("KOC now")),
    ("invited", gettext_lazy("Invited, no answer yet")),
    ("proposals", gettext_lazy("Proposals")),
    ("left", gettext_lazy("Left or declined")),
)


@page("community.view_koc")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """One list at a time; figures of everybody only for whom no member is out of reach."""
    show = request.GET.get("show", "")
    show = show if show in dict(TABS) else "candidates"
    run, weights = latest_run(), weights_in_force()
    aim = target(weights, run) if request.user.reach == Reach.ALL else None
    settings = koc_settings()
    context = {
        "title": _("KOC"),
        "tab": "list",
        "tabs": TABS,
        "show": show,
        "run": run,
        "weights": weights,
        "aim": aim,
        "asked": settings.score_asked_at is not None,
        "settings": settings,
        "is_assessed": is_assessed(SCORING, now=timezone.now()),
        "now": timezone.now(),
        **_rows(request, show, aim, weighing_of(weights)),
    }
    return in_frame(request, "community/kocs.html", context)


def _rows(request: StaffRequest, show: str, aim: Target | None, weighing: Weighing) -> dict[str, Any]:
    if show == "candidates":
        return {"rows": _candidates(request, aim, weighing)}
    if show == "proposals":
        proposals = list(open_proposals(request.user)[:PER_PAGE])
        members = _members(request, [row.koc.member_id for row in proposals if row.koc.member_id])
        return {
            "rows": [
                {
                    "proposal": row,
                    "koc": row.koc,
                    "member": members.get(row.koc.member_id or 0),
                    "said": words.proposal_words(row),
                }
                for row in proposals
            ]
        }
    kocs = Koc.objects.visible_to(request.user).filter(state__in=SHOWN[show]).select_related("member")
    found = Paginator(kocs.order_by("-level_since", "-id"), PER_PAGE).get_page(request.GET.get("page"))
    return {"page": found, "rows": _with_scores(request, list(found.object_list))}


def _candidates(request: StaffRequest, aim: Target | None, weighing: Weighing) -> list[dict[str, Any]]:
    """The best of those who may be asked; `first` are those who fill the lower end."""
    count = min(max(aim.missing if aim else 0, FEWEST_CANDIDATES), MOST_CANDIDATES)
    found = next_candidates(request.user, now=timezone.now(), count=count)
    members = _members(request, [row.member_id for row in found])
    return [
        {
            "score": row,
            "member": members[row.member_id],
            "why": words.why(row, weighing),
            "parts": words.split_of(row, weighing),
            "first": aim is not None and place < aim.missing,
        }
        for place, row in enumerate(found)
        if row.member_id in members
    ]


def _with_scores(request: StaffRequest, kocs: Sequence[Koc]) -> list[dict[str, Any]]:
    numbers = [koc.member_id for koc in kocs if koc.member_id]
    members = _members(request, numbers)
    scores = KocScore.objects.shown().in_bulk(numbers)
    return [
        {
            "koc": koc,
            "member": members.get(koc.member_id or 0),
            "score": scores.get(koc.member_id or 0),
            "mark": words.STATE_MARKS[KocState(koc.state)],
        }
        for koc in kocs
    ]


def _members(request: StaffRequest, numbers: Sequence[int]) -> dict[int, Member]:
    """With the name as this user may see it."""
    return Member.objects.visible_to(request.user).in_bulk(numbers)


@page("community.view_koc")
@require_safe
def detail(request: StaffRequest, koc_id: int) -> HttpResponse:
    koc = get_object_or_404(Koc.objects.visible_to(request.user), pk=koc_id)
    return show_koc(request, koc)


def show_koc(request: StaffRequest, koc: Koc, *, status: int = 200) -> HttpResponse:
    member = _members(request, [koc.member_id]).get(koc.member_id) if koc.member_id else None
    scores = KocScore.objects.shown().select_related("run__weights", "before_run__weights")
    row = scores.filter(pk=koc.member_id).first()
    weighing = weighing_of(row.run.weights) if row else None
    proposal = open_proposal_of(koc)
    share_text = agreement_in_force(AgreementKind.REVENUE_SHARE)
    acceptances = acceptances_of(koc)
    context = {
        "title": str(member) if member else _("KOC without a member"),
        "koc": koc,
        "member": member,
        "mark": words.STATE_MARKS[KocState(koc.state)],
        "score": row,
        "weighing": weighing,
        "split": words.split_of(row, weighing) if row and weighing else [],
        "moves": words.moves(moves_of(row)) if row else [],
        "course": words.course(course_of(koc)) if row else None,
        "proposal": {"row": proposal, "said": words.proposal_words(proposal)} if proposal else None,
        "effects": [_effect(each) for each in beside_matched(koc)],
        "effect_days": koc_settings().effect_days,
        "panels": panels_for(request, koc),
        "acceptances": acceptances,
        "programme": agreement_in_force(AgreementKind.PROGRAMME),
        "share_text": share_text,
        "has_share": any(each.agreement_id == share_text.pk for each in acceptances),
        "steps": steps_of(koc),
        "history": latest_acts(koc),
        "may": _may(request, koc),
        "levels": [level for level in KocLevel if level != koc.level],
        "now": timezone.now(),
    }
    return in_frame(request, "community/koc.html", context, status=status)


def _may(request: StaffRequest, koc: Koc) -> dict[str, bool]:
    answers, steps = request.user.has_perm("community.add_koc"), request.user.has_perm("community.change_koc")
    return {
        "answer": answers and koc.state == KocState.INVITED,
        "take_back": steps and koc.state == KocState.INVITED,
        "pause": steps and koc.state == KocState.ACTIVE,
        "resume": steps and koc.state == KocState.PAUSED,
        "end": steps and koc.state in STANDING,
        "leave": answers and koc.state in STANDING,
        "level": steps and koc.state in STANDING,
        "agree": answers and koc.state in STANDING,
        "decide": steps,
        "invite": answers and koc.member_id is not None and koc.state not in (*STANDING, KocState.INVITED),
    }


def _effect(row: Any) -> dict[str, Any]:
    mine, theirs = row.after - row.before, row.control_after - row.control_before
    return {
        "label": row.get_outcome_display(),
        "before": words.amount(row.outcome, row.before),
        "after": words.amount(row.outcome, row.after),
        "control_before": words.amount(row.outcome, row.control_before),
        "control_after": words.amount(row.outcome, row.control_after),
        "difference": words.signed(row.outcome, mine - theirs),
        "controls": row.controls,
        "run": row.run,
    }
