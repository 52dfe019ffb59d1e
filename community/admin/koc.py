"""What KOC add to the admin: her score on the member page, what waits on the page "Today"."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Reach
from community.enums.koc import KocState
from community.models import Koc, KocScore
from community.pages.koc_words import STATE_MARKS, split_of
from community.selectors.koc_scores import Target, latest_run, target, weighing_of, weights_in_force
from community.selectors.kocs import open_proposals
from core.registries import WorkItem, WorkSource, work
from core.templatetags.scrm import figure
from members.admin.extension import MemberPanel, member_panels
from members.models import Member

SOON = timedelta(days=3)


def load_koc(request: HttpRequest, member: Member) -> Mapping[str, Any] | None:
    """Her score and whether she is a KOC; None where she is in no group and never was one."""
    del request
    score = KocScore.objects.shown().select_related("run__weights").filter(pk=member.pk).first()
    koc = Koc.objects.filter(member=member).first()
    if score is None and koc is None:
        return None
    return {
        "score": score,
        "koc": koc,
        "mark": STATE_MARKS[KocState(koc.state)] if koc else "",
        "split": split_of(score, weighing_of(score.run.weights)) if score else [],
    }


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Proposals to decide; invitations that run out; how many are missing."""
    proposals = open_proposals(user).count()
    if proposals:
        said = ngettext("%(count)s proposal for KOC to decide", "%(count)s proposals for KOC to decide", proposals)
        yield WorkItem(
            state="watch",
            title=said % {"count": figure(proposals)},
            url=f"{reverse('community:koc')}?show=proposals",
            act=_("Look and decide"),
        )
    late = Koc.objects.visible_to(user).filter(state=KocState.INVITED, invited_until__lte=now + SOON).count()
    if late:
        said = ngettext("%(count)s invitation to KOC runs out", "%(count)s invitations to KOC run out", late)
        yield WorkItem(
            state="watch",
            title=said % {"count": figure(late)},
            detail=_("Within three days, without an answer."),
            url=f"{reverse('community:koc')}?show=invited",
            act=_("See the invitations"),
        )
    run = latest_run()
    aim = target(weights_in_force(), run) if run and user.reach == Reach.ALL else None
    if aim is not None and aim.short:
        said = ngettext("%(count)s KOC is missing", "%(count)s KOC are missing", aim.short)
        yield WorkItem(
            state="watch" if aim.missing else "busy",
            title=said % {"count": figure(aim.short)},
            detail=_detail(aim),
            url=reverse("community:koc") if aim.missing else f"{reverse('community:koc')}?show=invited",
            act=_("See the candidates") if aim.missing else _("See the invitations"),
        )


def _detail(aim: Target) -> str:
    """What an invitation may still bring is said beside what is there, never instead of it."""
    figures = {name: figure(getattr(aim, name)) for name in ("standing", "low", "invited", "missing")}
    if not aim.invited:
        return _("%(standing)s of at least %(low)s") % figures
    if aim.missing:
        return (
            _("%(standing)s of at least %(low)s; invited and not answered: %(invited)s, still to invite: %(missing)s")
            % figures
        )
    return _("%(standing)s of at least %(low)s; invited and not answered: %(invited)s, enough if all accept") % figures


member_panels.register(
    MemberPanel(
        code="koc",
        template="community/panel_koc.html",
        load=load_koc,
        place="side",
        later=True,
        permission="community.view_koc",
        order=60,
    )
)
work.register(WorkSource(code="community.koc", items=waiting, permission="community.change_koc", order=60))
