"""The column of the member list: by which channels marketing may reach her, grey with the reason where it may not."""

from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.enums.consent import Purpose, Reason
from compliance.pages.words import ICONS, channel_label, reason_label
from compliance.selectors.gate import Verdict, answers, terms_for
from compliance.selectors.settings import current_policy, used_channels
from members.admin.extension import MemberColumn, member_columns
from members.models import Member

Reachable = Mapping[str, Verdict]


def load_reachable(members: Sequence[Member]) -> Mapping[int, Reachable]:
    """Two queries, however many members are on the page."""
    now, policy = timezone.now(), current_policy()
    channels = used_channels(policy)
    questions = [terms_for(purpose=Purpose.MARKETING, channel=channel, at=now, policy=policy) for channel in channels]
    found: dict[int, dict[str, Verdict]] = {}
    for channel, asked in zip(channels, answers([member.pk for member in members], questions), strict=True):
        for number, verdict in asked.items():
            found.setdefault(number, {})[channel] = verdict
    return found


def _cell(member: Member, reachable: Reachable | None) -> str:
    del member
    if not reachable:
        return ""
    return format_html(
        '<span class="s-nowrap">{}</span>',
        format_html_join(
            "",
            '<span class="s-icon s-way" data-on="{}" role="img" title="{}" aria-label="{}">{}</span>',
            _icons(reachable),
        ),
    )


def _icons(reachable: Reachable) -> list[tuple[str, str, str, str]]:
    icons = []
    for channel, verdict in reachable.items():
        standing = [reason for reason in verdict.refusals if reason != Reason.QUIET_HOURS]
        words = _("%(channel)s: %(reason)s") % {
            "channel": channel_label(channel),
            "reason": reason_label(standing[0] if standing else Reason.ALLOWED),
        }
        icons.append(("" if standing else "1", words, words, ICONS[channel]))
    return icons


member_columns.register(
    MemberColumn(
        code="reachable",
        label=gettext_lazy("reachable"),
        render=_cell,
        load=load_reachable,
        order=70,
        hint=gettext_lazy("Channels by which marketing may reach her, apart from quiet hours; grey where it may not."),
    )
)
