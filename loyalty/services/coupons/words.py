"""What is wrong with the rules of a coupon, in words."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import FieldErrors
from loyalty.rules.terms import LARGEST, LONGEST_DAYS, MOST_PER_MEMBER, MOST_PIECES, Problem

WORDS = {
    "missing": gettext_lazy("This is needed."),
    "choice": gettext_lazy("Choose one of the possibilities."),
    "money": gettext_lazy("An amount between ¥0.01 and ¥%(money)s."),
    "above_minimum": gettext_lazy("More than the minimum spend: the order would cost less than nothing."),
    "percent": gettext_lazy("Between 1 and 100 percent."),
    "stock": gettext_lazy("Between 1 and %(pieces)s pieces, or nothing for no limit."),
    "per_member": gettext_lazy("Between 1 and %(per_member)s."),
    "span": gettext_lazy("The end lies after the beginning."),
    "days": gettext_lazy("Between 1 and %(days)s days."),
}
LIMITS = {
    "money": f"{LARGEST:,}",
    "pieces": f"{MOST_PIECES:,}",
    "per_member": f"{MOST_PER_MEMBER:,}",
    "days": f"{LONGEST_DAYS:,}",
}


def problems_in_words(problems: Iterable[Problem]) -> FieldErrors:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(str(WORDS[problem.code]) % LIMITS)
    return found


def worse_in_words(fields: Sequence[str]) -> FieldErrors:
    said = _("Since the start this can change in members' favour only.")
    return {name: [said] for name in fields}
