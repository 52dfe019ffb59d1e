"""Likely duplicates: pairs of records side by side, with what speaks for one person."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import StaffRequest
from core.admin.base import sentence
from core.errors import ScrmError
from core.pages import in_frame, page
from core.rules.whole import whole_in
from members.enums import DuplicateSign
from members.models import DuplicatePair, Member
from members.selectors.duplicates import pairs_for
from members.selectors.masked import with_masked_identities
from members.services import not_duplicates

MERGE = "members.merge_member"
PER_PAGE = 20


@page(MERGE)
@never_cache
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Open pairs of members that she may see both of, the strong ones first."""
    found = Paginator(pairs_for(request.user), PER_PAGE).get_page(request.GET.get("page", "1"))
    context = {"title": _("Likely duplicates"), "page": found, "rows": _rows(request, found.object_list)}
    return in_frame(request, "members/duplicates.html", context)


@page(MERGE)
@require_POST
def decide(request: StaffRequest) -> HttpResponse:
    """Two people each: the chosen pairs are not offered again. Pairs of others, or decided since, are left out."""
    numbers = map(whole_in, request.POST.getlist("pair")[:PER_PAGE])
    pairs = list(pairs_for(request.user).filter(pk__in=[number for number in numbers if number is not None]))
    if not pairs:
        messages.error(request, _("Choose at least one pair that is still open."))
        return redirect("members:duplicates")
    try:
        done = not_duplicates(pairs=pairs, by=request.user, now=timezone.now())
    except ScrmError as refused:
        messages.error(request, sentence(refused))
    else:
        said = ngettext("%(count)d pair will not be offered again.", "%(count)d pairs will not be offered again.", done)
        messages.success(request, said % {"count": done})
    return redirect("members:duplicates")


def _rows(request: StaffRequest, pairs: Iterable[DuplicatePair]) -> list[dict[str, Any]]:
    """Each pair with its two members as this person may see them: three queries however many."""
    numbers = {number for pair in pairs for number in (pair.first_id, pair.second_id)}
    visible = Member.objects.visible_to(request.user).filter(pk__in=numbers)
    members = {each.pk: each for each in with_masked_identities(list(visible.select_related("city", "home_store")))}
    return [
        {
            "pair": pair,
            "sides": [members[pair.first_id], members[pair.second_id]],
            "signs": _(", ").join(str(DuplicateSign(sign).label) for sign in pair.signs),
        }
        for pair in pairs
    ]
