"""Where a text stands, in words: of one that was only read against the lexicon, what was found."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.enums.content import ReviewState
from compliance.models import Review
from compliance.selectors.reviews import Standing, with_standings

MARKS = {
    ReviewState.DRAFT.value: "none",
    ReviewState.SCANNED.value: "none",
    ReviewState.IN_REVIEW.value: "busy",
    ReviewState.APPROVED.value: "good",
    ReviewState.RETURNED.value: "act",
    ReviewState.EXPIRED.value: "watch",
}
register = template.Library()


@register.filter
def review_state(review: Review) -> str:
    """“Checked” would read like “passed” while phrases are open."""
    if review.state != ReviewState.SCANNED:
        return review.get_state_display()
    standing = _standing(review)
    if standing.open:
        return ngettext("%(count)d phrase open", "%(count)d phrases open", standing.open) % {"count": standing.open}
    return _("every phrase proven, not submitted") if standing.warned else _("nothing found, not submitted")


@register.filter
def review_mark(review: Review | None) -> str:
    """The colour of that; none for none."""
    if review is None:
        return "none"
    waits = review.state == ReviewState.SCANNED and _standing(review).open
    return "watch" if waits else MARKS[review.state]


def _standing(review: Review) -> Standing:
    standing: Standing = with_standings([review])[0].standing
    return standing
