"""Tagging the members selected in a list: who they are and what they spend, then the act, on one page."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.pages import staff_of
from core.admin import sentence
from core.errors import ScrmError
from core.selectors import estimated_count
from members.admin.extension import MemberAct, member_acts
from members.admin.searching import opened
from members.models import Member, filter_members
from segments.models import MemberStanding, Tag
from segments.services.tags import tag_members, untag_members

PERMISSION = "segments.add_membertag"
MOST_IDS = 1_000
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Selection:
    """The members that were posted: by number, or everybody whom the filters of the list find."""

    members: QuerySet[Member]
    ids: list[str]
    query: str
    everybody: bool

    @classmethod
    def read(cls, request: HttpRequest) -> "Selection":
        members = Member.objects.visible_to(request.user).active()
        query = request.POST.get("query", "")
        if request.POST.get("all") == "1":
            now = timezone.now()
            params = dict(opened(QueryDict(query), by=staff_of(request), now=now).lists())
            return cls(filter_members(members, params, now=now), [], query, everybody=True)
        ids = [text for text in request.POST.getlist("member") if _NUMBER.fullmatch(text)]
        return cls(members.filter(pk__in=ids[:MOST_IDS]), ids[:MOST_IDS], query, everybody=False)

    @property
    def back(self) -> str:
        return f"{reverse('admin:members_member_changelist')}?{self.query}"


class TagForm(forms.Form):
    """Which tag, and whether it is given or taken. Tags kept by a rule give and take themselves."""

    tag = forms.ModelChoiceField(
        Tag.objects.filter(is_active=True, rule__isnull=True).select_related("group"), label=gettext_lazy("Tag")
    )


def tagging(request: HttpRequest) -> HttpResponse:
    """The first POST shows totals and asks which tag; the second, with `act`, gives or takes it."""
    try:
        selection = Selection.read(request)
        act = request.POST.get("act", "")
        form = TagForm(request.POST if act else None)
        if act in {"give", "take"} and form.is_valid():
            return _done(request, selection, form.cleaned_data["tag"], act)
    except ScrmError as error:
        messages.error(request, sentence(error))
        return redirect("admin:members_member_changelist")
    context = {
        "title": _("Tag members"),
        "s_title": _("Members"),
        "form": form,
        "selection": selection,
        **totals(selection),
    }
    return TemplateResponse(request, "segments/tagging.html", {**admin.site.each_context(request), **context})


def totals(selection: Selection) -> dict[str, Any]:
    """How many people, and what they spend in the RFM window; the estimate where they are many."""
    people, exact = estimated_count(selection.members, exact_below=50_000)
    spend: Decimal | None = None
    if exact:
        found = MemberStanding.objects.filter(member__in=selection.members.order_by())
        spend = found.aggregate(total=Sum("monetary"))["total"] or Decimal(0)
    return {"people": people, "exact": exact, "spend": spend}


def _done(request: HttpRequest, selection: Selection, tag: Tag, act: str) -> HttpResponse:
    verb = tag_members if act == "give" else untag_members
    changed = verb(members=selection.members, tag=tag, by=staff_of(request), now=timezone.now())
    text = (
        ngettext("%(count)s member was given “%(tag)s”.", "%(count)s members were given “%(tag)s”.", changed)
        if act == "give"
        else ngettext(
            "“%(tag)s” was taken from %(count)s member.", "“%(tag)s” was taken from %(count)s members.", changed
        )
    )
    messages.success(request, text % {"count": f"{changed:,}", "tag": tag})
    if not selection.everybody and len(selection.ids) == 1 and not selection.query:
        return redirect("admin:members_member_change", selection.ids[0])
    return redirect(selection.back)


member_acts.register(
    MemberAct(
        code="tag",
        label=pgettext_lazy("verb", "Tag"),
        icon="sell",
        view=tagging,
        permission=PERMISSION,
        order=10,
    )
)
