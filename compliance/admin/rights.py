"""Requests on the member page, on the page "Today" and in her own privacy centre."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from compliance.enums.rights import RequestKind, RequestSource
from compliance.pages.sections import PrivacySection, privacy_sections
from compliance.pages.taking import choices_of_form
from compliance.selectors.requests import requests_of_member, urgent_requests
from compliance.services.requests import open_request
from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import moment_text
from members.admin.extension import MemberPanel, member_panels
from members.models import Member

MOST = 5
LATEST = 5
#: Withdrawing is done at once by the switches of the centre.
FROM_CENTRE = tuple(kind for kind in RequestKind if kind != RequestKind.WITHDRAW)


def load_panel(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    return {
        "member": member,
        "requests": requests_of_member(member.pk)[:LATEST],
        "can_view": request.user.has_perm("compliance.view_subjectrequest"),
        "can_add": request.user.has_perm("compliance.add_subjectrequest"),
        "form": choices_of_form(),
    }


def load_section(request: HttpRequest, member: Member) -> Mapping[str, Any]:
    """What she may ask for, and how far her requests are; nothing of what she wrote."""
    del request
    return {
        "kinds": [(kind.value, kind.label) for kind in FROM_CENTRE],
        "requests": requests_of_member(member.pk)[:LATEST],
    }


def ask(request: HttpRequest, member: Member) -> str:
    kind = request.POST.get("kind", "")
    if kind not in FROM_CENTRE:
        raise Http404
    wish = request.POST.get("wish", "")
    open_request(
        member_id=member.pk,
        kind=kind,
        source=RequestSource.CENTRE,
        wish=wish,
        language=get_language() or settings.LANGUAGE_CODE,
        by=None,
        now=timezone.now(),
    )
    return "sent"


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Requests whose time is over or almost over, the most urgent first."""
    for row in urgent_requests(user, now=now)[:MOST]:
        late = row.due_at <= now
        yield WorkItem(
            state="act" if late else "watch",
            title=_("A request is overdue: %(what)s") % {"what": row.get_kind_display()}
            if late
            else _("A request is due: %(what)s") % {"what": row.get_kind_display()},
            detail=_("To be answered by %(moment)s.") % {"moment": moment_text(row.due_at, now)},
            url=reverse("compliance:request", args=(row.pk,)),
            act=gettext_lazy("Answer it"),
        )


member_panels.register(
    MemberPanel(
        code="requests",
        template="compliance/panel_requests.html",
        load=load_panel,
        place="side",
        permission="compliance.add_subjectrequest",
        later=True,
        order=50,
    )
)
privacy_sections.register(
    PrivacySection(
        code="requests",
        template="compliance/centre_requests.html",
        load=load_section,
        act=ask,
        done={"sent": gettext_lazy("We have received your request and will answer it in time.")},
        order=20,
    )
)
work.register(WorkSource(code="requests", items=waiting, permission="compliance.view_subjectrequest", order=12))
