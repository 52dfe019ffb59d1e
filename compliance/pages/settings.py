"""The settings of the gate: each change with its reason, and its history below."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from compliance.errors.consent import SettingsNotValid
from compliance.models import ChannelRule, ContactSettings
from compliance.selectors.settings import channel_rules, contact_settings
from compliance.services.settings import CHANNEL_FIELDS, FIELDS, change_settings
from core.errors import ScrmError
from core.pages import in_frame, page

HISTORY = 10
#: What one line of the form says; the numbers stand inside the sentence.
NUMBERS = ("cap_messages", "cap_days", "reask_days", "guardian_age", "marketing_age", "link_days")


@page("compliance.view_contactsettings")
@require_http_methods(["GET", "POST"])
def editor(request: StaffRequest) -> HttpResponse:
    """GET: what holds. POST: change it; what is refused comes back beside what was typed."""
    if request.method == "GET":
        return _show(request, _typed(), {})
    if not request.user.has_perm("compliance.change_contactsettings"):
        raise PermissionDenied
    typed = {name: request.POST.get(name, "").strip() for name in request.POST}
    try:
        changes = change_settings(
            values={name: typed.get(name, "") for name in FIELDS},
            channels=_channels(request.POST),
            reason=typed.get("reason", ""),
            by=request.user,
            now=timezone.now(),
        )
    except ScrmError as refused:
        errors = {name: [str(each) for each in said] for name, said in refused.fields.items()}
        return _show(request, typed, errors, refused=refused, status=422)
    if changes:
        messages.success(request, _("Settings saved; the gate follows them from now on."))
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect("compliance:settings")


def _channels(post: QueryDict) -> dict[str, dict[str, Any]]:
    return {
        rule.channel: {
            "is_used": f"{rule.channel}.is_used" in post,
            **{name: post.get(f"{rule.channel}.{name}", "").strip() for name in CHANNEL_FIELDS if name != "is_used"},
        }
        for rule in channel_rules()
    }


def _typed() -> dict[str, str]:
    settings = contact_settings()
    typed = {name: str(getattr(settings, name)) for name in FIELDS}
    typed |= {name: typed[name][:5] for name in ("quiet_from", "quiet_to")}
    for rule in channel_rules():
        typed |= {f"{rule.channel}.most": str(rule.most), f"{rule.channel}.days": str(rule.days)}
        typed |= {f"{rule.channel}.is_used": "1"} if rule.is_used else {}
    return typed


def _show(
    request: StaffRequest,
    typed: Mapping[str, str],
    errors: Mapping[str, list[str]],
    *,
    refused: ScrmError | None = None,
    status: int = 200,
) -> HttpResponse:
    rules = channel_rules()
    context = {
        "title": _("Contact settings"),
        "fields": {name: _field(ContactSettings._meta.get_field(name), name, typed, errors) for name in FIELDS},
        "channels": [_channel(rule, typed, errors) for rule in rules],
        "errors": errors,
        "refused": refused if errors and not isinstance(refused, SettingsNotValid) else None,
        "reason": typed.get("reason", ""),
        "history": latest_acts(contact_settings(), most=HISTORY),
        "can_change": request.user.has_perm("compliance.change_contactsettings"),
    }
    return in_frame(request, "compliance/settings.html", context, status=status)


def _field(field: Any, name: str, typed: Mapping[str, str], errors: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        "name": name,
        "label": field.verbose_name,
        "help": field.help_text,
        "value": typed.get(name, ""),
        "errors": errors.get(name, []),
    }


def _channel(rule: ChannelRule, typed: Mapping[str, str], errors: Mapping[str, list[str]]) -> dict[str, Any]:
    code = rule.channel
    return {
        "code": code,
        "label": rule.get_channel_display(),
        "is_used": bool(typed.get(f"{code}.is_used")),
        "most": typed.get(f"{code}.most", ""),
        "days": typed.get(f"{code}.days", ""),
        "errors": [*errors.get(f"{code}.most", []), *errors.get(f"{code}.days", [])],
    }
