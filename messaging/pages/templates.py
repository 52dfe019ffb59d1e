"""Message templates: written, put before the reviewer, read as a member will, and tried on everybody without sending."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.enums.consent import REACHING_CHOICES
from compliance.services.reviews import submit as submit_text
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import whole_in
from members.models import Member
from messaging.models import Gateway, MessageTemplate
from messaging.pages.words import REASONS, sentence
from messaging.selectors.dry_run import DryRun, dry_run, preview
from messaging.selectors.templates import can_be_submitted, review_of
from messaging.services.templates import save_template

PER_PAGE = 30
TEXTS = {"name": 80, "channel": 20, "subject": 120, "text": 5_000, "given": 300}


@page("messaging.view_messagetemplate")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    found = Paginator(MessageTemplate.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Message templates"),
        "tab": "templates",
        "page": found,
        "can_add": request.user.has_perm("messaging.add_messagetemplate"),
    }
    return in_frame(request, "messaging/templates.html", context)


@page("messaging.view_messagetemplate")
@require_safe
def detail(request: StaffRequest, template_id: int) -> HttpResponse:
    """With `gateway` how it reads by that way for one member (`member`); with `count` how many would get it."""
    template = get_object_or_404(MessageTemplate, pk=template_id)
    review = review_of(template)
    changes = request.user.has_perm("messaging.change_messagetemplate")
    ways = list(Gateway.objects.filter(channel=template.channel))
    way = next((each for each in ways if str(each.pk) == request.GET.get("gateway")), None)
    context: dict[str, Any] = {
        "title": template.name,
        "tab": "templates",
        "template": template,
        "review": review,
        "can_change": changes,
        "can_submit": changes and can_be_submitted(review),
        "ways": ways,
        "way": way,
        "member": request.GET.get("member", "")[:20],
        "history": latest_acts(template),
        "now": timezone.now(),
    }
    if way is not None:
        context |= _read(request, template, way)
        if "count" in request.GET:
            context |= _counted(request, way)
    return in_frame(request, "messaging/template.html", context)


def _read(request: StaffRequest, template: MessageTemplate, way: Gateway) -> dict[str, Any]:
    """For the member of that number, or for any one whom the user may see."""
    number = whole_in(request.GET.get("member", ""))
    visible = Member.objects.visible_to(request.user).filter(merged_into=None)
    her = (visible.filter(pk=number) if number is not None else visible.order_by("pk")).first()
    if her is None:
        return {"nobody": True}
    shown = preview(member=her, gateway=way, subject=template.subject, text=template.text, at=timezone.now())
    return {"her": her, "shown": shown}


def _counted(request: StaffRequest, way: Gateway) -> dict[str, Any]:
    now = timezone.now()
    members = Member.objects.visible_to(request.user)
    found: DryRun = dry_run(members=members, gateway=way, not_before=now, now=now)
    withheld = sorted(found.withheld.items(), key=lambda item: -item[1])
    return {"counted": found, "withheld": [(REASONS.get(code, code), count) for code, count in withheld]}


@page("messaging.change_messagetemplate")
@require_POST
def submit(request: StaffRequest, template_id: int) -> HttpResponse:
    """Put it before the reviewer."""
    template = get_object_or_404(MessageTemplate, pk=template_id)
    review = review_of(template)
    try:
        if review is not None:
            submit_text(review=review, by=request.user, now=timezone.now())
            messages.success(request, _("The text is now with the legal reviewers."))
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    return redirect("messaging:template", template.pk)


@page("messaging.add_messagetemplate")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    return _edit(request, None)


@page("messaging.change_messagetemplate")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, template_id: int) -> HttpResponse:
    return _edit(request, get_object_or_404(MessageTemplate, pk=template_id))


def _edit(request: StaffRequest, template: MessageTemplate | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, template, _typed(template))
    typed = {name: request.POST.get(name, "").replace("\x00", "")[:most] for name, most in TEXTS.items()}
    given = typed["given"].replace(",", " ").replace("，", " ").split()
    texts = {name: typed[name] for name in ("name", "channel", "subject", "text")}
    try:
        saved = save_template(**texts, given=given, by=request.user, now=timezone.now(), template=template)
    except ScrmError as refused:
        return _form(request, template, typed, refused.fields, refused=sentence(refused), status=refused.status)
    messages.success(request, _("The template is saved."))
    return redirect("messaging:template", saved.pk)


def _typed(template: MessageTemplate | None) -> dict[str, str]:
    if template is None:
        return {"channel": "sms"}
    return {
        "name": template.name,
        "channel": template.channel,
        "subject": template.subject,
        "text": template.text,
        "given": " ".join(template.given),
    }


def _form(
    request: StaffRequest,
    template: MessageTemplate | None,
    typed: dict[str, str],
    errors: Any = None,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": template.name if template else _("New message template"),
        "tab": "templates",
        "template": template,
        "typed": typed,
        "errors": errors or {},
        "refused": refused,
        "channels": REACHING_CHOICES,
    }
    return in_frame(request, "messaging/template_form.html", context, status=status)
