"""What moderation puts on the page "Today": violations that wait, appeals to answer."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.models import Appeal, Violation
from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import moment_text


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Appeals first: somebody waits for an answer."""
    if user.has_perm("community.decide_appeal"):
        yield from _appeals(user, now)
    counts = (
        Violation.objects.visible_to(user)
        .open()
        .aggregate(all=Count("pk"), sensitive=Count("pk", filter=Q(sensitive=True)), oldest=Min("detected_at"))
    )
    if counts["all"]:
        words = ngettext("%(count)d violation waits", "%(count)d violations wait", counts["all"])
        yield WorkItem(
            state="act" if counts["sensitive"] else "watch",
            title=words % {"count": counts["all"]},
            detail=_("%(sensitive)d of them sensitive; the oldest %(moment)s")
            % {"sensitive": counts["sensitive"], "moment": moment_text(counts["oldest"], now)},
            url=reverse("community:moderation"),
            act=_("Decide them"),
        )


def _appeals(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Those that she may answer: not about her own decisions."""
    mine = Appeal.objects.filter(outcome="", violation__in=Violation.objects.visible_to(user)).exclude(appealed_by=user)
    counts = mine.aggregate(all=Count("pk"), oldest=Min("made_at"))
    if counts["all"]:
        yield WorkItem(
            state="act",
            title=ngettext("%(count)d appeal waits", "%(count)d appeals wait", counts["all"])
            % {"count": counts["all"]},
            detail=_("the oldest %(moment)s") % {"moment": moment_text(counts["oldest"], now)},
            url=f"{reverse('community:moderation')}?tab=appeals",
            act=_("Answer them"),
        )


work.register(WorkSource(code="community.moderation", items=waiting, permission="community.decide_violation", order=25))
