"""The column of the member list: whom the brand is warned of."""

from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.templatetags.scrm import day_text
from dashboards.models import ChurnFlag
from members.admin.extension import MemberColumn, member_columns
from members.models import Member


def load_flags(members: Sequence[Member]) -> Mapping[int, ChurnFlag]:
    """One query."""
    flags = ChurnFlag.objects.filter(until=None, member__in=[member.pk for member in members])
    return {flag.member_id: flag for flag in flags}


def _cell(member: Member, flag: ChurnFlag | None) -> str:
    del member
    if flag is None:
        return ""
    silent = (timezone.localdate() - flag.seen).days - 1
    words = ngettext("silent for %(count)d day", "silent for %(count)d days", silent) % {"count": silent}
    since = day_text(flag.since, timezone.now())
    return format_html('<span class="s-state" data-state="watch" title="{}">{}</span>', since, words)


member_columns.register(
    MemberColumn(
        code="churn",
        label=_("churn warning"),
        render=_cell,
        load=load_flags,
        order=62,
        hint=_("Silent beyond the threshold that holds for her. Flagged every night."),
    )
)
