"""Members as a file: whom the list shows, in the columns below, protected values masked as on the page."""

from collections.abc import Iterator, Sequence
from typing import cast

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services.exports import ExportKind, Parameters, export_kinds
from core.files.writing import Cell
from members.admin import filter_form, searching
from members.models import Member, filter_members
from members.selectors.masked import with_masked_identities

BATCH = 1_000


def _params(parameters: Parameters) -> QueryDict:
    params = QueryDict(mutable=True)
    for name, values in parameters.items():
        params.setlist(name, list(values))
    return params


def _found(user: User, parameters: Parameters) -> QuerySet[Member]:
    params, now = _params(parameters), timezone.now()
    if searching.is_plain(params):
        raise searching.SearchExpired  # it would lie in the row of the export in clear
    plain = searching.opened(params, by=user, now=now)
    return filter_members(Member.objects.visible_to(user), dict(plain.lists()), now=now)


def count(user: User, parameters: Parameters) -> int:
    return _found(user, parameters).order_by().count()


def filters(user: User, parameters: Parameters) -> list[str]:
    """What the list is narrowed by; of a search only that there is one, for a name or a number was typed into it."""
    params = _params(parameters)
    controls = filter_form.controls_for(params, {}, user=user, given_only=True)
    search = _("something typed into the search") if params.get("q") else ""
    return [f"{chip.label}: {chip.text}" for chip in filter_form.chips_for(controls, params, search=search)]


def rows(user: User, parameters: Parameters) -> Iterator[Sequence[Cell]]:
    """By number, a thousand at a time, so that a long list is read in even steps."""
    identities = user.has_perm("members.view_identity")
    yield [
        _("number"),
        _("name"),
        _("city"),
        _("store"),
        _("guide"),
        _("registered"),
        *([_("known as")] if identities else []),
    ]
    members = _found(user, parameters).select_related("city", "home_store", "guide").order_by("id")
    after = 0
    while batch := list(members.filter(pk__gt=after)[:BATCH]):
        for member in with_masked_identities(batch) if identities else batch:
            yield _row(member, identities=identities)
        after = batch[-1].pk


def _row(member: Member, *, identities: bool) -> list[Cell]:
    known = "; ".join(f"{one.type}: {one.value}" for one in member.masked_identities) if identities else ""  # type: ignore[attr-defined]
    registered = timezone.localtime(member.registered_at).replace(tzinfo=None) if member.registered_at else None
    plain: list[Cell] = [
        member.pk,
        member.shown_name,
        member.city.name if member.city else "",
        member.home_store.name if member.home_store else "",
        str(member.guide) if member.guide else "",
        registered,
    ]
    return [*plain, known] if identities else plain


def subject(row: Sequence[Cell]) -> int:
    """Her number, the first cell."""
    return cast("int", row[0])


export_kinds.register(
    ExportKind(
        code="members",
        title=gettext_lazy("Members"),
        permission="members.export_member",
        count=count,
        rows=rows,
        filters=filters,
        subject=subject,
    )
)
