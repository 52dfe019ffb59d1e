"""Storing her data only: on her own page, and on the page of a request for the reviewer who does not see members."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.pages import StaffRequest
from compliance.errors.rights import NobodyThere
from compliance.selectors.consent import is_erased, is_held
from compliance.selectors.requests import requests_seen_by
from compliance.services.status import lift_restriction, restrict
from core.admin import sentence
from core.errors import ScrmError
from core.pages import page
from members.models import Member
from members.selectors.persons import records_of_person

CHANGE = "compliance.change_contactstatus"
RESTRICTIONS = {
    "restrict": (restrict, _("Her data are stored only from now on."), _("That was so already.")),
    "lift": (
        lift_restriction,
        _("Her data may be used again, as far as she consents."),
        _("That was so already."),
    ),
}


@page(CHANGE)
@require_POST
def restrict_member(request: StaffRequest, member_id: int) -> HttpResponse:
    """Her data are stored only from now on; with `lift`, they may be used again. Either needs its reason."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=member_id)
    _restrict(request, member.pk)
    return redirect("admin:members_member_change", member.pk)


@page(CHANGE)
@require_POST
def restrict_asker(request: StaffRequest, request_id: int) -> HttpResponse:
    """The same for the person of a request, whom the legal reviewer knows by her request alone."""
    row = get_object_or_404(requests_seen_by(request.user), pk=request_id)
    if is_there(row.member_id):
        _restrict(request, row.member_id)
    else:
        messages.error(request, str(NobodyThere.message))
    return redirect("compliance:request", row.pk)


def is_there(member_id: int) -> bool:
    """She is stored, and not erased."""
    return not is_erased(member_id) and Member.objects.filter(pk=member_id).exists()


def _restrict(request: StaffRequest, member_id: int) -> None:
    act, done, already = RESTRICTIONS["lift" if "lift" in request.POST else "restrict"]
    try:
        changed = act(member_id=member_id, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        messages.success(request, str(done if changed else already))
        if is_held(records_of_person(member_id)):
            messages.info(request, _("A legal hold stands: until it is lifted, her data are stored only."))
