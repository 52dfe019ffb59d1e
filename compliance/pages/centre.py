"""The privacy centre of a member: reached by her signed link, without a login, on a phone.

Every choice is one tap, on as off (PIPL Art. 15); nothing changes but by POST; nothing personal stands there but a
masked name and masked identities.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.enums.consent import PROVIDE, Channel, ConsentSource, Purpose
from compliance.errors.consent import LinkExpired, StaffInHerPlace
from compliance.models import Notice
from compliance.pages.sections import privacy_sections
from compliance.pages.words import asked, channel_label, purpose_label
from compliance.rules.consent import is_asked_by_channel, is_purpose
from compliance.rules.notices import BLOCKS, NOTHING, rows_of
from compliance.selectors.consent import States, held, states_of
from compliance.selectors.notices import material_numbers, notice_in_force
from compliance.selectors.settings import current_policy, used_channels
from compliance.services.consent import choose, withdraw_all
from compliance.services.links import member_of_token
from core.context import current_origin
from core.errors import ScrmError, Text
from core.rules.masking import mask_name
from core.services.rate_limits import Rate, take
from members.models import Member
from members.selectors.masked import with_masked_identities

#: So many pages and choices of one address at once, and in the long run.
RATE = Rate(burst=40, per_second=0.5)
DONE: dict[str, Text] = {
    "on": gettext_lazy("Saved: you agreed. You can take it back here at any time."),
    "off": gettext_lazy("Saved: it is switched off. It takes effect at once."),
    "all_off": gettext_lazy("Saved: everything is switched off. You stay a member with all benefits."),
}
View = Callable[..., HttpResponse]


def by_link(view: View) -> View:
    """A view for whoever holds a valid link; `member` is put for the token. Too many: 429; a dead link: 410.

    Staff may look at it, but choose nothing in her place: 403.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        wait = take(f"privacy:{current_origin().address}", RATE)
        if wait:
            answer = render(request, "compliance/centre_slow.html", {"seconds": wait}, status=429)
            answer["Retry-After"] = str(wait)
            return answer
        try:
            member = member_of_token(token, now=timezone.now())
        except LinkExpired as gone:
            return render(request, "compliance/centre_gone.html", {"error": gone}, status=gone.status)
        if request.method == "POST" and request.user.is_authenticated:
            return render(request, "compliance/centre_gone.html", {"error": StaffInHerPlace()}, status=403)
        answer = view(request, member=member, token=token, **kwargs)
        answer["Referrer-Policy"] = "same-origin"
        answer["X-Robots-Tag"] = "noindex"
        return answer

    return guarded


@require_safe
@by_link
def centre(request: HttpRequest, *, member: Member, token: str) -> HttpResponse:
    """Switches by purpose and channel, the notice, and what other parts add."""
    states = states_of(member.pk)
    notice = notice_in_force()
    sections = [(section, section.load(request, member)) for section in privacy_sections]
    context = {
        "token": token,
        "name": mask_name(member.name),
        "identities": with_masked_identities([member])[0].masked_identities,  # type: ignore[attr-defined]
        "purposes": [_purpose(purpose, states) for purpose in _purposes(states)],
        "anything_on": any(said.is_grant for said in states.values()),
        "notice": notice,
        "blocks": blocks_of(notice) if notice else [],
        "done": _done(request),
        "sections": [(section.template, loaded) for section, loaded in sections if loaded is not None],
        "path": request.path,
    }
    return render(request, "compliance/centre.html", context)


@by_link
@require_POST
def switch(request: HttpRequest, *, member: Member, token: str) -> HttpResponse:
    """One switch turned: `purpose`, `channel`, `on` (1 or 0)."""
    purpose, channel = request.POST.get("purpose", ""), request.POST.get("channel", "")
    if not is_purpose(purpose) or channel not in Channel.values or request.POST.get("on") not in {"0", "1"}:
        raise Http404
    granted = request.POST["on"] == "1"
    try:
        choose(
            member_id=member.pk,
            purpose=purpose,
            channel=channel,
            granted=granted,
            source=ConsentSource.PAGE,
            by=None,
            now=timezone.now(),
            page="privacy centre",
            wording=asked(purpose),
            language=get_language() or "",
        )
    except ScrmError as refused:
        return render(request, "compliance/centre_gone.html", {"error": refused}, status=refused.status)
    return _back(token, "on" if granted else "off", purpose)


@by_link
@require_POST
def switch_all_off(request: HttpRequest, *, member: Member, token: str) -> HttpResponse:
    """Everything off, by one tap."""
    del request
    withdraw_all(
        member_id=member.pk, source=ConsentSource.PAGE, by=None, now=timezone.now(), page="privacy centre: all off"
    )
    return _back(token, "all_off", "top")


@by_link
@require_POST
def act(request: HttpRequest, *, member: Member, token: str, code: str) -> HttpResponse:
    """A POST of one of the sections."""
    section = privacy_sections.get(code) if code in privacy_sections else None
    if section is None or section.act is None:
        raise Http404
    try:
        done = section.act(request, member)
    except ScrmError as refused:
        return render(request, "compliance/centre_gone.html", {"error": refused}, status=refused.status)
    return _back(token, f"{code}-{done}", code)


@require_safe
def notice_page(request: HttpRequest) -> HttpResponse:
    """The notice in force, for everybody to read and to link to."""
    notice = notice_in_force()
    if notice is None:
        raise Http404
    return render(request, "compliance/notice_public.html", {"notice": notice, "blocks": blocks_of(notice)})


def blocks_of(notice: Notice) -> list[dict[str, Any]]:
    """The blocks in the reader's language, else in the one that binds; lists as rows."""
    language = get_language() or ""
    texts = notice.texts.get(language) or notice.texts.get("zh-hans") or {}
    return [
        {
            "block": block,
            "text": texts.get(block.code, ""),
            "rows": [list(zip(block.columns, row, strict=True)) for row in rows_of(texts[block.code])]
            if block.columns and texts.get(block.code, "").lower() not in NOTHING
            else [],
        }
        for block in BLOCKS
        if texts.get(block.code)
    ]


def _purposes(states: States) -> list[str]:
    """The four that everybody is asked for, and each recipient that she was asked about."""
    recipients = sorted({purpose for purpose, _channel in states if purpose.startswith(PROVIDE)})
    return [Purpose.MARKETING, Purpose.PERSONALISATION, Purpose.PUBLISH, Purpose.SENSITIVE, *recipients]


def _purpose(purpose: str, states: States) -> dict[str, Any]:
    channels = used_channels(current_policy()) if is_asked_by_channel(purpose) else [Channel.ANY]
    return {
        "code": purpose,
        "label": purpose_label(purpose),
        "asked": asked(purpose),
        "by_channel": is_asked_by_channel(purpose),
        "switches": [_switch(purpose, channel, states) for channel in channels],
    }


def _switch(purpose: str, channel: str, states: States) -> dict[str, Any]:
    said = held(states, purpose, channel)
    due = said is not None and said.is_grant and _is_due(said.notice_id)
    return {
        "channel": channel,
        "label": channel_label(channel),
        "on": said is not None and said.is_grant and not due,
        "due": due,
        "since": said.occurred_at if said else None,
    }


def _is_due(notice_id: int | None) -> bool:
    material = material_numbers(at=timezone.now())
    if notice_id is None:
        return "privacy" in material
    notice = Notice.objects.get(pk=notice_id)
    return material.get(notice.code, 0) > notice.number


def _done(request: HttpRequest) -> Text | None:
    word = request.GET.get("done", "")
    if word in DONE:
        return DONE[word]
    code, _dash, rest = word.partition("-")
    said = privacy_sections.get(code).done if code in privacy_sections else None
    return (said or {}).get(rest)


def _back(token: str, done: str, place: str) -> HttpResponse:
    answer = redirect("privacy:centre", token=token)
    answer["Location"] += f"?done={done}#{place}"
    return answer
