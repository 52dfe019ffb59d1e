"""The queue of moderation, one violation, and what is decided of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from accounts.selectors import latest_acts
from community.enums.moderation import Outcome, ViolationKind
from community.errors.moderation import DecisionNotValid
from community.models import Appeal, Group, Violation
from community.pages.words import name_of
from community.selectors.moderation import (
    Share,
    appeal_text,
    excerpts_of,
    machine_share,
    moderation_settings,
    open_appeals,
    record_of,
    repeat_offenders,
    shown,
    waiting,
)
from community.services import appealing, deciding
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import whole_in

PER_PAGE = 30
TABS = {
    "waiting": pgettext_lazy("violations", "Waiting"),
    "appeals": pgettext_lazy("violations", "Appeals"),
    "machine": pgettext_lazy("violations", "Decided by the machine"),
    "people": pgettext_lazy("violations", "Decided by people"),
    "offenders": pgettext_lazy("violations", "Repeat offenders"),
}
MARKS = {"": "busy", "dismissed": "none", "warned": "watch", "muted": "watch", "removed": "act"}
KIND_MARKS = {ViolationKind.LEXICON: "act", ViolationKind.POACHING: "watch", ViolationKind.REPORT: "watch"}
#: Key of the keyboard, verb on the button. What cannot be undone is not among those that one key does.
VERBS = (
    (Outcome.DISMISSED, "d", pgettext_lazy("decide", "Dismiss")),
    (Outcome.WARNED, "w", pgettext_lazy("decide", "Warn")),
    (Outcome.MUTED, "m", pgettext_lazy("decide", "Mute")),
)


@page("community.view_violation")
@require_safe
def queue(request: StaffRequest) -> HttpResponse:
    """`?tab=`, `?kind=`, `?group=` narrow it down; each tab but the repeat offenders is leafed through."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "waiting"
    now = timezone.now()
    settings = moderation_settings()
    share = machine_share(request.user, until=now, days=settings.share_days)
    open_ones = waiting(request.user)
    oldest = open_ones.order_by("detected_at").first()
    context: dict[str, Any] = {
        "title": _("Moderation"),
        "tabs": TABS,
        "tab": tab,
        "waiting": open_ones.count(),
        "sensitive": open_ones.filter(sensitive=True).count(),
        "oldest": oldest.detected_at if oldest else None,
        "appeals": open_appeals(request.user).count(),
        "share": share,
        "share_mark": _share_mark(share, settings.share_low, settings.share_high),
        "settings": settings,
        "now": now,
        "marks": MARKS,
        "kind_marks": KIND_MARKS,
        "verbs": VERBS,
        "kinds": ViolationKind.choices,
        "kind": request.GET.get("kind", ""),
        "group": _group(request),
        "can_decide": request.user.has_perm("community.decide_violation"),
        "can_set": request.user.has_perm("community.view_violationrule"),
    }
    return in_frame(request, "community/moderation.html", context | _tab(request, tab, now))


def _tab(request: StaffRequest, tab: str, now: datetime) -> dict[str, Any]:
    """What stands below the tabs."""
    user = request.user
    if tab == "offenders":
        found = repeat_offenders(user, now=now)
        labels = dict(ViolationKind.choices)
        return {
            "offenders": [
                (each, name_of(each.participant, user), [(labels[kind], times) for kind, times in each.kinds])
                for each in found
            ],
            "outcomes": dict(Outcome.choices),
        }
    if tab == "appeals":
        appeals = Paginator(open_appeals(user), PER_PAGE).get_page(request.GET.get("page"))
        mine = [(each, name_of(each.participant, user), each.appealed_by_id == user.pk) for each in appeals]
        return {"page": appeals, "lines": mine, "outcomes": dict(Outcome.choices)}
    violations = Paginator(_violations(request, tab), PER_PAGE).get_page(request.GET.get("page"))
    shown_here = list(violations)
    texts = excerpts_of(shown_here)
    lines = [(each, name_of(each.participant, user), texts[each.pk]) for each in shown_here]
    return {"page": violations, "lines": lines}


def _violations(request: StaffRequest, tab: str) -> QuerySet[Violation]:
    if tab == "waiting":
        rows = waiting(request.user)
    else:
        decided = shown(Violation.objects.visible_to(request.user).filter(state="decided"))
        rows = decided.filter(first_by__isnull=tab == "machine").order_by("-decided_at", "-pk")
    kind, group = request.GET.get("kind", ""), _group(request)
    if kind in ViolationKind.values:
        rows = rows.filter(kind=kind)
    return rows.filter(group=group) if group else rows


def _group(request: StaffRequest) -> Group | None:
    number = whole_in(request.GET.get("group", ""))
    return None if number is None else Group.objects.visible_to(request.user).filter(pk=number).first()


def _share_mark(share: Share, low: Any, high: Any) -> str:
    """Below the band people do what a machine could; above it too few are looked at."""
    if share.share is None:
        return "none"
    return "good" if float(low) <= share.share <= float(high) else "watch"


@page("community.view_violation")
@require_safe
def violation(request: StaffRequest, violation_id: int) -> HttpResponse:
    return show(request, _violation(request, violation_id), {})


def show(
    request: StaffRequest, row: Violation, typed: Mapping[str, str], refused: ScrmError | None = None
) -> HttpResponse:
    """The violation with what was typed and what refused it."""
    user = request.user
    appeal = Appeal.objects.select_related("filed_by", "decided_by", "appealed_by").filter(violation=row).first()
    own = row.participant.staff_id == user.pk
    nexts = waiting(user).exclude(pk=row.pk)
    settings = moderation_settings()
    is_open = row.state == "open"
    decides = user.has_perm("community.decide_violation") and not own
    context: dict[str, Any] = {
        "title": row.get_kind_display(),
        "row": row,
        "name": name_of(row.participant, user),
        "excerpt": excerpts_of([row])[row.pk],
        "also": [dict(ViolationKind.choices).get(kind, kind) for kind in row.also],
        "mark": MARKS[row.outcome],
        "record": record_of(row),
        "settings": settings,
        "appeal": appeal,
        "appeal_text": appeal_text(appeal) if appeal else None,
        "typed": typed,
        "errors": refused.fields if refused else {},
        "refused": refused,
        "own": own,
        "verbs": VERBS,
        "outcomes": Outcome.choices,
        "outcome_words": dict(Outcome.choices),
        "others": _others(row).count() if decides and is_open else 0,
        "next": nexts.first() if decides else None,
        "can_decide": decides and is_open,
        "can_correct": decides and not is_open and row.decided_by_id is None and appeal is None,
        "can_appeal": _may_appeal(row, appeal, request),
        "can_answer": appeal is not None
        and appeal.is_open
        and user.has_perm("community.decide_appeal")
        and not own
        and appeal.appealed_by_id != user.pk,
        "history": latest_acts(row),
    }
    return in_frame(request, "community/violation.html", context, status=refused.status if refused else 200)


def _others(row: Violation) -> QuerySet[Violation]:
    """What else of hers waits in the group."""
    return Violation.objects.open().filter(participant=row.participant_id, group=row.group_id).exclude(pk=row.pk)


def _may_appeal(row: Violation, appeal: Appeal | None, request: StaffRequest) -> bool:
    decided = row.state == "decided" and row.outcome != Outcome.DISMISSED
    return decided and appeal is None and request.user.has_perm("community.add_appeal")


@page("community.decide_violation")
@require_POST
def decide(request: StaffRequest, violation_id: int) -> HttpResponse:
    """One decision; `back=queue` returns to the list, else the next one that waits is shown."""
    row = _violation(request, violation_id)
    typed = _typed(request, "outcome", "note", "rest")
    now = timezone.now()
    try:
        if typed["outcome"] == Outcome.REMOVED and not typed["note"]:
            raise DecisionNotValid(fields={"note": [_("Say why somebody is removed.")]})
        decided = deciding.decide(violation=row, outcome=typed["outcome"], by=request.user, now=now, note=typed["note"])
        rest = deciding.decide_the_rest(violation=decided, by=request.user, now=now) if typed["rest"] == "1" else 0
    except ScrmError as refused:
        return show(request, _violation(request, violation_id), typed, refused)
    words = {"decision": decided.get_outcome_display(), "name": name_of(row.participant, request.user)}
    said = _("%(name)s: %(decision)s.") % words
    if rest:
        said += " " + ngettext("%(count)d more of hers the same.", "%(count)d more of hers the same.", rest) % {
            "count": rest
        }
    messages.success(request, said)
    return _onwards(request, row)


@page("community.decide_violation")
@require_POST
def correct(request: StaffRequest, violation_id: int) -> HttpResponse:
    row = _violation(request, violation_id)
    typed = _typed(request, "outcome", "note")
    try:
        deciding.correct(violation=row, **typed, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return show(request, row, typed, refused)
    messages.success(request, _("Corrected. The machine's decision stays on record."))
    return redirect("community:violation", row.pk)


@page("community.add_appeal")
@require_POST
def file_appeal(request: StaffRequest, violation_id: int) -> HttpResponse:
    row = _violation(request, violation_id)
    typed = _typed(request, "text")
    try:
        appealing.file_appeal(violation=row, text=typed["text"], by=request.user, now=timezone.now())
    except ScrmError as refused:
        return show(request, row, typed, refused)
    messages.success(request, _("The appeal is filed. Somebody other than who decided answers it."))
    return redirect("community:violation", row.pk)


@page("community.decide_appeal")
@require_POST
def answer_appeal(request: StaffRequest, violation_id: int) -> HttpResponse:
    row = _violation(request, violation_id)
    typed = _typed(request, "outcome", "note")
    appeal = get_object_or_404(Appeal, violation=row)
    try:
        answered = appealing.answer_appeal(appeal=appeal, **typed, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return show(request, row, typed, refused)
    messages.success(request, _("Answered: %(answer)s.") % {"answer": answered.get_outcome_display()})
    return redirect("community:violation", row.pk)


def _violation(request: StaffRequest, violation_id: int) -> Violation:
    found = Violation.objects.visible_to(request.user).select_related(
        "group__type", "participant__member", "participant__staff", "rule", "first_by", "decided_by", "reported_by"
    )
    return get_object_or_404(found, pk=violation_id)


def _typed(request: StaffRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\x00", "").strip() for name in names}


def _onwards(request: StaffRequest, row: Violation) -> HttpResponse:
    """Back to the queue where it was, or on to the next one."""
    if request.POST.get("back") == "queue":
        kept = {name: request.POST.get(name, "") for name in ("kind", "group", "page")}
        asked = "&".join(f"{name}={value}" for name, value in kept.items() if value.isascii() and value.isalnum())
        return redirect(f"{reverse('community:moderation')}{'?' if asked else ''}{asked}")
    following = waiting(request.user).exclude(pk=row.pk).first()
    return redirect("community:violation", following.pk) if following else redirect("community:moderation")
