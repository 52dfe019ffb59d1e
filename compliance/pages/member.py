"""What staff do about one member's consent: her link, a no that she said at the counter."""

from io import BytesIO

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.pages import StaffRequest
from compliance.enums.consent import ConsentSource, Purpose
from compliance.models import PrivacyLink
from compliance.services.consent import withdraw_all
from compliance.services.links import issue_link
from core.errors import ScrmError
from core.pages import in_frame, page
from members.models import Member


@page("compliance.add_privacylink")
@never_cache
@require_POST
def link(request: StaffRequest, member_id: int) -> HttpResponse:
    """A fresh link of her privacy centre, as text and as a code that her phone reads."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=member_id)
    try:
        path = issue_link(member_id=member.pk, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, str(refused))
        return redirect("admin:members_member_change", member.pk)
    address = request.build_absolute_uri(path)
    picture = BytesIO()
    segno.make(address, error="m").save(
        picture, kind="svg", scale=5, border=2, xmldecl=False, dark="#1d1b19", light="#fff"
    )
    context = {
        "title": _("Privacy centre link"),
        "member": member,
        "address": address,
        "picture": mark_safe(picture.getvalue().decode()),  # made here from an address of ours
        "expires_at": PrivacyLink.objects.get(pk=member.pk).expires_at,
    }
    return in_frame(request, "compliance/link.html", context)


@page("compliance.add_consentevent")
@require_POST
def withdraw(request: StaffRequest, member_id: int) -> HttpResponse:
    """She said no to somebody of the staff: her marketing consents end now."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=member_id)
    ended = withdraw_all(
        member_id=member.pk,
        source=ConsentSource.STAFF,
        by=request.user,
        now=timezone.now(),
        page="member page",
        purposes=[Purpose.MARKETING],
    )
    if ended:
        messages.success(request, _("Recorded. No marketing message reaches her from now on."))
    else:
        messages.info(request, _("There was no marketing consent to take back."))
    return redirect("admin:members_member_change", member.pk)
