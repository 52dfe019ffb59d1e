"""The columns that members themselves bring: name, city, store, guide, registration."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.templatetags.scrm import day
from members.admin.extension import MemberColumn, member_columns
from members.models import Member


def _name(member: Member, value: Any) -> str:
    del value
    link = reverse("admin:members_member_change", args=(member.pk,))
    place = member.city.name if member.city else ""
    return format_html('<a class="s-rowlink" href="{}">{}</a><span class="sub">{}</span>', link, member, place)


def _place(member: Member, value: Any) -> str:
    """Store and guide in one cell: the guide is of that store nearly always."""
    del value
    if not member.home_store and not member.guide:
        return format_html('<span class="s-muted">{}</span>', _("none"))
    return format_html('{}<span class="sub">{}</span>', member.home_store or "", member.guide or "")


def _registered(member: Member, value: Any) -> str:
    del value
    at: datetime | None = member.registered_at
    return day(at, timezone.now()) or format_html('<span class="s-muted">{}</span>', _("not known"))


def _city(member: Member, value: Any) -> str:
    """The second line of a row on a phone."""
    del value
    parts = [str(part) for part in (member.city, member.home_store) if part]
    return " · ".join(parts)


member_columns.register_all(
    [
        MemberColumn(code="name", label=_("member"), render=_name, order=0, cell="name", sort=("name_key", "id")),
        MemberColumn(code="place", label=_("Store and guide"), render=_place, order=80, cell="hide"),
        MemberColumn(
            code="registered",
            label=_("registered"),
            render=_registered,
            order=90,
            cell="hide",
            hint=_("When the member joined, as the source says; unknown: the first fact counts."),
            sort=("registered_at",),
            sort_scope={"registered_at__isnull": False},
            sort_note=_("Without members whose registration is not known."),
            newest_first=True,
        ),
    ]
)
