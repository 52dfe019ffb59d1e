"""Building an audience: groups in groups, a live count with a few members, then the name and the reason to keep it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Store
from accounts.pages import StaffRequest
from compliance.enums.consent import Channel, Purpose
from core.errors import FieldErrors, ScrmError, Text
from core.pages import in_frame, page
from core.rules.masking import mask_name
from core.rules.whole import INTEGER, whole_in
from members.models import Member, member_filters
from members.selectors.masked import with_masked_identities
from segments.enums import AudienceState, ConsentIs, Operator, PurchaseMeasure
from segments.errors import AudienceChanged, AudienceInvalid, AudienceTooSlow
from segments.models import Audience
from segments.pages import audience_draft
from segments.pages.audience_draft import Draft
from segments.pages.audience_words import phrase_of
from segments.selectors import audiences as selectors
from segments.services import audiences as services
from timeline.enums import InteractionKind
from timeline.models import Product

MOST_OFFERED = 300
MODES = (
    ("all", gettext_lazy("All of these hold")),
    ("any", gettext_lazy("At least one of these holds")),
    ("none", gettext_lazy("None of these holds")),
    ("not_all", gettext_lazy("Not all of these hold")),
)
HOWS = (
    ("last", gettext_lazy("in the last … days")),
    ("before", gettext_lazy("longer ago than … days")),
    ("between", gettext_lazy("between two days")),
)
FACTS = (
    ("purchases", gettext_lazy("Purchases in a window")),
    ("interactions", gettext_lazy("Interactions in a window")),
    ("consent", gettext_lazy("Consent")),
    ("audience", gettext_lazy("Another audience")),
)


@dataclass(frozen=True)
class Offer:
    """What every condition of the form may choose from."""

    whats: Any
    modes: Any = MODES
    hows: Any = HOWS
    operators: Any = tuple(Operator.choices)
    measures: Any = tuple(PurchaseMeasure.choices)
    kinds: Any = tuple(InteractionKind.choices)
    purposes: Any = tuple(Purpose.choices)
    channels: Any = tuple(Channel.choices)
    holds: Any = tuple(ConsentIs.choices)
    yes_no: Any = (("1", gettext_lazy("Yes")), ("0", gettext_lazy("No")))
    categories: Any = ()
    stores: Any = ()
    audiences: Any = ()


@page("segments.view_audience")
@require_http_methods(["GET", "POST"])
def builder(request: StaffRequest, audience_id: int | None = None) -> HttpResponse:
    """A new audience or one that is changed. POST does what the button says: a change of the draft, or saving."""
    audience = get_object_or_404(Audience, pk=audience_id) if audience_id else None
    if not request.user.has_perm("segments.change_audience" if audience else "segments.add_audience"):
        raise PermissionDenied
    if request.method == "GET":
        draft = audience_draft.from_rule(audience.rule) if audience else audience_draft.empty()
        return _show(request, audience, draft, _kept(audience))
    draft, typed = audience_draft.read(request.POST), _typed(request)
    if request.POST.get("act") != "save":
        return _show(request, audience, audience_draft.change(draft, request.POST.get("act", "")), typed)
    return _save(request, audience, draft, typed)


@page("segments.change_audience")
@require_POST
def draft(request: StaffRequest) -> HttpResponse:
    """The tree after one change, for a page that stays where it is. Nothing is kept."""
    tree = audience_draft.change(audience_draft.read(request.POST), request.POST.get("act", ""))
    return render(request, "segments/audience_tree.html", {"node": tree, "offer": _offer(request)})


@page("segments.change_audience")
@require_POST
def estimated(request: StaffRequest) -> HttpResponse:
    """How many of the members that the user may see match what is on the page, a few of them, and the rule in words."""
    tree = audience_draft.read(request.POST)
    context = count_context(request, tree.as_json()) if tree.is_chosen else {"unchosen": True}
    return render(request, "segments/audience_count.html", context)


def count_context(request: StaffRequest, rule: Any, kept: Audience | None = None) -> dict[str, Any]:
    """`kept` is the audience whose rule it is: its last size stands in where counting takes too long for a page."""
    try:
        found = selectors.estimate(rule, now=timezone.now(), by=request.user)
    except AudienceInvalid as refused:
        sentences = [sentence for each in refused.fields.values() for sentence in each]
        return {"problem": _("Complete the conditions first."), "sentences": list(dict.fromkeys(map(str, sentences)))}
    except AudienceTooSlow as refused:
        return {"problem": str(refused), "sentences": []} if kept is None else {"kept": kept}
    except ScrmError as refused:
        return {"problem": str(refused), "sentences": []}
    members = {each.pk: each for each in with_masked_identities(_members(found.sample))}
    sample = [(members[pk], mask_name(members[pk].name)) for pk in found.sample if pk in members]
    return {"size": found.size, "sample": sample, "phrase": phrase_of(rule)}


def _members(numbers: list[int]) -> list[Member]:
    return list(Member.objects.filter(pk__in=numbers).select_related("city"))


def _save(request: StaffRequest, audience: Audience | None, tree: Draft, typed: dict[str, str]) -> HttpResponse:
    texts: dict[str, Any] = {"name": typed["name"], "description": typed["description"]}
    now = timezone.now()
    try:
        if audience is None:
            saved = services.create(**texts, rule=tree.as_json(), by=request.user, now=now)
        else:
            version = _number(typed["version"])
            saved = services.update(
                audience=audience, **texts, rule=tree.as_json(), version=version, by=request.user, now=now
            )
        services.refresh_soon(audience=saved, now=now)
    except AudienceInvalid as refused:
        return _show(request, audience, tree, typed, refused.fields, status=422)
    except AudienceChanged as refused:
        return _show(request, audience, tree, typed, {"": [str(refused)]}, status=refused.status)
    except ScrmError as refused:
        return _show(request, audience, tree, typed, {"": [str(refused)]}, status=refused.status)
    messages.success(request, _("Audience “%(name)s” saved.") % {"name": saved.name})
    if audience is not None and audience.rule != saved.rule:
        _warn_of_uses(request, saved)
    return redirect("segments:audience", saved.pk)


def _number(text: str) -> int:
    return whole_in(text, most=INTEGER) or 0


def _warn_of_uses(request: StaffRequest, audience: Audience) -> None:
    """Whatever was planned for the former rule, by name."""
    uses = [use.label for use in selectors.uses_of([audience]).get(audience.pk, ())]
    if uses:
        words = _("It is in use: %(uses)s. What was approved with the former rule is not approved with this one.")
        messages.warning(request, words % {"uses": _(", ").join(uses)})


def _show(
    request: StaffRequest,
    audience: Audience | None,
    tree: Draft,
    typed: dict[str, str],
    faults: FieldErrors | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    faults = dict(faults or {})
    own = {name: faults.pop(name, ()) for name in ("name", "description")}
    tree.as_json()
    left: list[Text] = tree.take_faults(faults)
    context = {
        "title": audience.name if audience else _("New audience"),
        "audience": audience,
        "typed": typed,
        "errors": own,
        "failed": status != 200,  # noqa: PLR2004  # HTTP
        "left": left,
        "node": tree,
        "offer": _offer(request),
        "back": reverse("segments:audience", args=(audience.pk,)) if audience else reverse("segments:audiences"),
    }
    return in_frame(request, "segments/audience_builder.html", context, status=status)


def _offer(request: StaffRequest) -> Offer:
    del request
    filters = [
        (f"filter:{each.code}", str(each.label))
        for each in member_filters
        if not each.personal and each.words is None and each.code != "audience"
    ]
    categories = Product.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct()
    audiences = Audience.objects.filter(state=AudienceState.ACTIVE).order_by("name").values_list("pk", "name")
    return Offer(
        whats=((pgettext("audience", "Facts"), FACTS), (_("Attributes"), filters)),
        categories=[(name, name) for name in categories[:MOST_OFFERED]],
        stores=list(Store.objects.order_by("name").values_list("code", "name")[:MOST_OFFERED]),
        audiences=[(str(pk), name) for pk, name in audiences],
    )


def _typed(request: StaffRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("name", "description", "version")}


def _kept(audience: Audience | None) -> dict[str, str]:
    if audience is None:
        return {"name": "", "description": "", "version": ""}
    return {"name": audience.name, "description": audience.description, "version": str(audience.version)}
