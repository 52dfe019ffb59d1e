"""What tiers and scores add to the member list."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.templatetags.scrm import day, figure, moment, money
from members.admin.extension import MemberColumn, member_columns
from members.models import Member
from segments.models import MemberStanding
from segments.selectors.tiers import tier_names


def load_standings(members: Sequence[Member]) -> Mapping[int, MemberStanding]:
    """Two queries: the standings, and the names of the tiers, which each standing carries as `tier_name`."""
    names = tier_names()
    standings = MemberStanding.objects.in_bulk([member.pk for member in members])
    for standing in standings.values():
        standing.tier_name = names.get(standing.tier, standing.tier)  # type: ignore[attr-defined]
    return standings


def tier_badge(code: str, name: str) -> SafeString:
    return format_html('<span class="s-tier" data-tier="{}">{}</span>', code, name)


def _missing() -> SafeString:
    title = gettext("The next run of the tiers will include this member.")
    return format_html('<span class="s-muted" title="{}">{}</span>', title, gettext("not computed yet"))


def _tier(member: Member, standing: MemberStanding | None) -> SafeString:
    del member
    if standing is None:
        return _missing()
    badge = tier_badge(standing.tier, standing.tier_name)  # type: ignore[attr-defined]
    since = gettext("since %(day)s") % {"day": day(standing.tier_since)}
    return format_html('{}<span class="sub">{}</span>', badge, SafeString(since))


def rfm_bars(standing: MemberStanding | None) -> SafeString:
    """Three small bars; the word for those who cannot see them."""
    scores = [] if standing is None else [standing.r, standing.f, standing.m]
    if not scores or scores[0] is None:
        why = gettext("no order in the window")
        return format_html(
            '<span class="s-rfm" role="img" aria-label="{0}" title="{0}">{1}</span>', why, _bars([None] * 3)
        )
    text = f"R {scores[0]} · F {scores[1]} · M {scores[2]}"
    figures = SafeString("".join(f"<b>{int(score)}</b>" for score in scores if score))
    return format_html(
        '<span class="s-rfm" role="img" aria-label="{0}" title="{0}">{1}</span>'
        '<span class="s-rfm__figures" aria-hidden="true">{2}</span>',
        text,
        _bars(scores),
        figures,
    )


def _bars(scores: Sequence[int | None]) -> SafeString:
    return format_html_join(
        "", "<i {}></i>", ((SafeString(f'style="--v:{int(score)}"' if score else "data-none"),) for score in scores)
    )


def _rfm(member: Member, standing: MemberStanding | None) -> SafeString:
    del member
    return rfm_bars(standing)


def _last_order(member: Member, standing: MemberStanding | None) -> str:
    del member
    if standing is None:
        return ""
    if standing.last_order_at is None:
        return format_html('<span class="s-muted">{}</span>', gettext("never"))
    return moment(standing.last_order_at, timezone.now())


def _last_interaction(member: Member, standing: MemberStanding | None) -> str:
    del member
    if standing is None:
        return ""
    if standing.last_interaction_at is None:
        return format_html('<span class="s-muted">{}</span>', gettext("never"))
    return moment(standing.last_interaction_at, timezone.now())


def _spend(member: Member, standing: MemberStanding | None) -> str:
    del member
    return money(standing.monetary) if standing else ""


def _orders(member: Member, standing: MemberStanding | None) -> str:
    del member
    return figure(standing.frequency) if standing else ""


def _weigh(standing: MemberStanding) -> Decimal:
    return standing.monetary


WINDOW = _("In the RFM window (365 days unless set otherwise), refunds deducted, as of the last run of the tiers.")

member_columns.register_all(
    [
        MemberColumn(code="tier", label=_("tier"), render=_tier, load=load_standings, order=10, cell="tier"),
        MemberColumn(
            code="rfm",
            label=_("RFM"),
            render=_rfm,
            load=load_standings,
            order=20,
            hint=_("Recency, frequency, monetary value: 1 to 5 by quintiles of all members with an order."),
        ),
        MemberColumn(
            code="last_order",
            label=_("last purchase"),
            render=_last_order,
            load=load_standings,
            order=30,
            cell="sub",
            sort=("standing__last_order_at",),
            sort_scope={"standing__last_order_at__isnull": False},
            sort_note=_("Without members who never bought."),
            newest_first=True,
        ),
        MemberColumn(
            code="spend",
            label=_("spend ¥"),
            render=_spend,
            load=load_standings,
            order=40,
            cell="main",
            numeric=True,
            hint=WINDOW,
            weigh=_weigh,
            sort=("standing__monetary",),  # half of all may have spent nothing: a second column would sort them all
            sort_scope={"standing__isnull": False},
            sort_note=_("Without members that no run has seen yet."),
        ),
        MemberColumn(
            code="orders", label=_("orders"), render=_orders, load=load_standings, order=50, numeric=True, hint=WINDOW
        ),
        MemberColumn(
            code="last_interaction",
            label=_("last interaction"),
            render=_last_interaction,
            load=load_standings,
            order=60,
        ),
    ]
)
