"""Notices: the one in force, and which consents it has made old."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from compliance.enums.consent import NoticeState
from compliance.models import Notice
from compliance.models.notices import DEFAULT_CODE


def notice_in_force(code: str = DEFAULT_CODE) -> Notice | None:
    """The latest published version."""
    return Notice.objects.filter(code=code, state=NoticeState.PUBLISHED).order_by("-number").first()


def notices() -> Sequence[Notice]:
    return list(Notice.objects.select_related("published_by").order_by("code", "-number"))


def is_outdated(notice_id: int | None, *, at: datetime) -> bool:
    """Whether a material version came after the notice; a consent under no known notice is older than all of them."""
    later = Notice.objects.filter(material=True, published_at__lte=at)
    if notice_id is None:
        return later.filter(code=DEFAULT_CODE).exists()
    notice = Notice.objects.get(pk=notice_id)
    return later.filter(code=notice.code, number__gt=notice.number).exists()


def material_numbers(*, at: datetime) -> dict[str, int]:
    """Of each notice the last material version: consents under a smaller number are due anew."""
    found = Notice.objects.filter(material=True, published_at__lte=at).values_list("code").annotate(Max("number"))
    return dict(found.order_by())
