"""What is done to KOC, each by a POST of its own; what is refused is said, and nothing typed is lost."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.pages import StaffRequest
from community.enums.koc import AnswerSource
from community.models import Koc, LevelProposal
from community.pages.earning_words import number_in
from community.services import koc_proposals, kocs
from community.services.koc_effects import ask_to_measure
from community.services.koc_scoring import ask_for_scores
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import page
from core.rules.whole import INTEGER, whole_in
from members.models import Member

MOST = 200
WITH_REASON: dict[str, tuple[Callable[..., Koc], str]] = {
    "take_back": (kocs.take_back, "change_koc"),
    "pause": (kocs.pause, "change_koc"),
    "demote": (kocs.demote, "change_koc"),
    "leave": (kocs.leave, "add_koc"),
    "decline": (kocs.decline, "add_koc"),
}
VERSIONED: dict[str, Callable[..., Koc]] = {"accept": kocs.accept, "agree": kocs.agree_to_share}


@page("community.add_koc")
@require_POST
def invite(request: StaffRequest) -> HttpResponse:
    """Several members at once; each who may not be invited is named with the reason."""
    numbers = [number for text in request.POST.getlist("member")[:MOST] if (number := number_in(text)) is not None]
    members = list(Member.objects.visible_to(request.user).active().filter(pk__in=numbers))
    if not members:
        messages.error(request, _("Choose at least one member to invite."))
        return redirect("community:koc")
    done = kocs.invite_all(members=members, by=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))
    if done.kocs:
        said = ngettext("%(count)s member invited.", "%(count)s members invited.", len(done.kocs))
        messages.success(request, said % {"count": len(done.kocs)})
    for member, why in done.refused:
        messages.warning(request, f"{member}: {why}")
    return redirect(f"{reverse('community:koc')}?show=invited" if done.kocs else reverse("community:koc"))


@page("community.view_koc")
@require_POST
def step(request: StaffRequest, koc_id: int, verb: str) -> HttpResponse:
    koc = _seen(request, koc_id)
    verbs: dict[str, tuple[Callable[[], Any], str]] = {
        **{name: (_with_reason(request, koc, act), permission) for name, (act, permission) in WITH_REASON.items()},
        **{name: (_versioned(request, koc, act), "add_koc") for name, act in VERSIONED.items()},
        "resume": (lambda: kocs.resume(koc=koc, by=request.user, now=timezone.now()), "change_koc"),
        "level": (lambda: _level(request, koc), "change_koc"),
    }
    act, permission = verbs[verb]
    return _do(request, koc, act, permission)


@page("community.change_koc")
@require_POST
def decide(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Confirm or dismiss a proposal."""
    seen = Koc.objects.visible_to(request.user)
    proposal = get_object_or_404(LevelProposal.objects.filter(koc__in=seen).select_related("koc"), pk=proposal_id)
    values: dict[str, Any] = {
        "proposal": proposal,
        "by": request.user,
        "now": timezone.now(),
        "note": request.POST.get("reason", ""),
    }
    confirms = request.POST.get("decision") == "confirm"
    act: Callable[..., Any] = koc_proposals.confirm if confirms else koc_proposals.dismiss
    return _do(request, proposal.koc, lambda: act(**values), "change_koc")


@page("community.measure_koc")
@require_POST
def score_now(request: StaffRequest) -> HttpResponse:
    try:
        ask_for_scores(by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("A worker computes the scores; the list shows them in a moment."))
    return redirect("community:koc")


@page("community.measure_koc")
@require_POST
def measure_now(request: StaffRequest) -> HttpResponse:
    ask_to_measure(by=request.user, now=timezone.now())
    messages.success(request, _("A worker measures the effect; this page shows it in a moment."))
    return redirect("community:koc_effect")


def _seen(request: StaffRequest, koc_id: int) -> Koc:
    return get_object_or_404(Koc.objects.visible_to(request.user), pk=koc_id)


def _do(request: StaffRequest, koc: Koc, act: Callable[[], Any], permission: str) -> HttpResponse:
    if not request.user.has_perm(f"community.{permission}"):
        messages.error(request, _("You are not allowed to do this."))
        return redirect("community:koc_page", koc.pk)
    try:
        act()
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, _("Done and recorded."))
    return redirect("community:koc_page", koc.pk)


def _with_reason(request: StaffRequest, koc: Koc, act: Callable[..., Koc]) -> Callable[[], Koc]:
    return lambda: act(koc=koc, by=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))


def _versioned(request: StaffRequest, koc: Koc, act: Callable[..., Koc]) -> Callable[[], Koc]:
    version = whole_in(request.POST.get("version", ""), most=INTEGER) or 0
    return lambda: act(koc=koc, version=version, source=AnswerSource.STAFF, by=request.user, now=timezone.now())


def _level(request: StaffRequest, koc: Koc) -> Koc:
    return kocs.set_level(
        koc=koc,
        level=request.POST.get("level", ""),
        by=request.user,
        now=timezone.now(),
        reason=request.POST.get("reason", ""),
    )
