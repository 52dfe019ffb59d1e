"""Members by whether the brand is warned of them."""

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from dashboards.models.churn import ChurnFlag
from members.enums import FilterKind
from members.models import Member, MemberFilter, member_filters


def in_churn(members: QuerySet[Member], wanted: bool) -> QuerySet[Member]:  # noqa: FBT001  # a filter's value
    flagged = Exists(ChurnFlag.objects.filter(member=OuterRef("pk"), until=None))
    return members.filter(flagged if wanted else ~flagged)


member_filters.register(
    MemberFilter(
        code="churn",
        label=_("churn warning"),
        kind=FilterKind.FLAG,
        apply=in_churn,
        help=_("Silent beyond the threshold that holds for them, and not yet given up."),
        order=43,
    )
)
