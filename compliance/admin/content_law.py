"""Where content law stands in the menu, and what it puts before a reviewer or an author today."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from accounts.models import User
from compliance.enums.content import ReviewState
from compliance.models import Review
from compliance.selectors.reviews import waiting_for
from core.registries import MenuEntry, WorkItem, WorkSource, menu, work
from core.templatetags.scrm import moment_text

LATE = timedelta(hours=24)
SOON = timedelta(days=7)
MOST = 3


def badge(request: HttpRequest) -> int | None:
    """How many texts a legal reviewer may decide now.

    Administrators, who may decide too, find them under "Today": a query on every page is for those whose work it is.
    """
    user = request.user
    if not isinstance(user, User) or user.role != Role.LEGAL:
        return None
    return waiting_for(user).count() or None


def to_decide(user: Any, now: datetime) -> Iterator[WorkItem]:
    """Texts that wait, the longest first; the first three by name."""
    waiting = waiting_for(user).select_related("author").defer("parts")
    for review in waiting[:MOST]:
        submitted = review.submitted_at or review.changed_at
        yield WorkItem(
            state="act" if now - submitted > LATE else "watch",
            title=_("“%(title)s” waits for legal review") % {"title": review.title},
            detail=_("%(author)s, since %(moment)s") % {"author": review.author, "moment": moment_text(submitted, now)},
            url=reverse("compliance:review", args=(review.pk,)),
            act=_("Review the text"),
        )


def to_reword(user: Any, now: datetime) -> Iterator[WorkItem]:
    """One's own texts that came back, then approvals that end within a week."""
    back = Q(state__in=(ReviewState.RETURNED, ReviewState.EXPIRED))
    ending = Q(state=ReviewState.APPROVED, valid_until__lte=now + SOON)
    own = Review.objects.filter(back | ending, author=user).defer("parts")
    for review in own.order_by(F("valid_until").asc(nulls_first=True), "-changed_at")[: 2 * MOST]:
        yield _came_back(review) if review.valid_until is None else _ending(review, review.valid_until, now)


def _came_back(review: Review) -> WorkItem:
    words = _("“%(title)s” was returned") if review.state == ReviewState.RETURNED else _("“%(title)s” has expired")
    return WorkItem(
        state="act",
        title=words % {"title": review.title},
        detail=review.decision,
        url=reverse("compliance:review", args=(review.pk,)),
        act=_("Revise the text"),
    )


def _ending(review: Review, until: datetime, now: datetime) -> WorkItem:
    return WorkItem(
        state="watch",
        title=_("The approval of “%(title)s” is running out") % {"title": review.title},
        detail=_("Valid until %(moment)s.") % {"moment": moment_text(until, now)},
        url=reverse("compliance:review", args=(review.pk,)),
        act=_("See the text"),
    )


work.register(WorkSource(code="compliance.to_decide", items=to_decide, permission="compliance.decide_review", order=10))
work.register(WorkSource(code="compliance.to_reword", items=to_reword, permission="compliance.add_review", order=15))
menu.register_all(
    (
        MenuEntry(
            code="reviews",
            group="compliance",
            title=gettext_lazy("Legal review"),
            url_name="compliance:reviews",
            icon="gavel",
            permission="compliance.view_review",
            order=10,
            badge=badge,
        ),
        MenuEntry(
            code="lexicon",
            group="compliance",
            title=gettext_lazy("Lexicon"),
            url_name="compliance:lexicon",
            icon="dictionary",
            permission="compliance.view_lexiconentry",
            order=20,
        ),
    )
)
