"""Her coupons and draws, on the member page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from loyalty.models import Draw, DrawEntry, DrawWinner
from loyalty.pages.words import benefit
from loyalty.selectors.codes import masked_codes_of
from loyalty.selectors.coupons import coupons_of_member, end_of, is_usable
from members.admin.extension import MemberPanel, member_panels
from members.models import Member

SHOWN = 8


def load_offers(request: HttpRequest, member: Member) -> Mapping[str, Any] | None:
    """Those she can use first; None where she has nothing."""
    now = timezone.now()
    grants = coupons_of_member(member, now=now, limit=SHOWN)
    chances = DrawEntry.objects.filter(member=member).count()
    if not grants and not chances:
        return None
    codes = masked_codes_of(grants)
    return {
        "grants": [
            {
                "grant": grant,
                "benefit": benefit(grant.coupon),
                "until": end_of(grant),
                "usable": is_usable(grant, now),
                "code": codes[grant.pk],
            }
            for grant in grants
        ],
        "chances": chances,
        "void": list(Draw.objects.filter(entries__member=member, voided_at__isnull=False).distinct()[:SHOWN]),
        "won": list(DrawWinner.objects.filter(entry__member=member).select_related("prize")[:SHOWN]),
        "can_read": request.user.has_perm("loyalty.read_code"),
    }


member_panels.register(
    MemberPanel(
        code="offers",
        template="loyalty/panel_offers.html",
        load=load_offers,
        place="side",
        later=True,
        permission="loyalty.view_coupongrant",
        order=30,
    )
)
