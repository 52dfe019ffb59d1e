"""The filters of the list as a form and as chips; choices are asked for once per page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Reach
from accounts.models import User
from accounts.selectors import guides_visible_to, stores_visible_to
from core.errors import FieldErrors, Text
from members.enums import FilterKind
from members.models import MemberFilter, member_filters
from members.models.filters import UNSET
from members.rules.parameters import days_ago

FEW = 7
# Choices that tell of other stores: their values, as far as somebody may know of them.
KNOWN: Mapping[str, Callable[[User], Iterable[str]]] = {
    "store": lambda user: stores_visible_to(user).values_list("code", flat=True),
    "guide": lambda user: (
        [user.username] if user.reach == Reach.OWN else guides_visible_to(user).values_list("username", flat=True)
    ),
}


@dataclass(frozen=True)
class Control:
    """One filter in the form: its choices, what is chosen, and what is wrong with it."""

    filter: MemberFilter
    choices: Sequence[tuple[str, str, bool]]
    texts: Sequence[str]
    errors: Sequence[Any]

    @property
    def look(self) -> str:
        """Few choices stand side by side, many in a list; what is reached by a link is carried along unseen."""
        if self.filter.words:
            return "hidden"
        if self.filter.kind == FilterKind.CHOICES:
            return "pills" if len(self.choices) <= FEW else "list"
        return str(self.filter.kind)


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the address without it."""

    label: str
    text: str
    without: str


def controls_for(
    params: QueryDict, errors: FieldErrors, *, user: User | None = None, given_only: bool = False
) -> list[Control]:
    """Every filter but the search, which has its own field; one without anything to choose is left out.

    Stores and guides are offered as far as `user`, if given, may know of them. With `given_only` those that the parameters mention: the choices of the others are not asked for.
    """
    wanted = [each for each in member_filters if not given_only or any(name in params for name in each.names)]
    controls = [_control(each, params, errors, user) for each in wanted if each.code != "q"]
    return [each for each in controls if each.choices or each.filter.kind != FilterKind.CHOICES]


def _control(each: MemberFilter, params: QueryDict, errors: FieldErrors, user: User | None) -> Control:
    chosen = params.getlist(each.code)
    choices = [(value, str(label), value in chosen) for value, label in _offered(each, user)]
    said = [error for name in (each.code, *each.names) for error in errors.get(name, ())]
    return Control(each, choices, [params.get(name, "") for name in each.names], said)


def _offered(each: MemberFilter, user: User | None) -> Iterable[tuple[str, Text]]:
    options = each.options() if each.options else ()
    if each.code not in KNOWN or user is None or user.reach == Reach.ALL:
        return options
    known = {UNSET, *KNOWN[each.code](user)}
    return [(value, label) for value, label in options if value in known]


def chips_for(controls: Sequence[Control], params: QueryDict, *, search: str = "") -> list[Chip]:
    """What the list is narrowed by, each with a way out; first `search`, which is sealed in the parameters."""
    chips = [
        Chip(str(control.filter.label), text, _without(params, control.filter))
        for control in controls
        if (text := words(control))
    ]
    query = search.strip()
    return [Chip(_("search"), query, _without(params, member_filters.get("q"))), *chips] if query else chips


def words(control: Control) -> str:
    """Like 二线、三线, ≥ 500 or 2026-11-01 – 2026-11-22."""
    if control.filter.words:
        return control.filter.words(control.texts[0]) if control.texts[0] else ""
    if control.filter.kind == FilterKind.CHOICES:
        return _(", ").join(label for _value, label, chosen in control.choices if chosen)
    if control.filter.kind == FilterKind.MOMENTS:
        return _between_moments(*control.texts)
    if control.filter.kind == FilterKind.NUMBERS:
        least, most = map(_grouped, control.texts)
        return f"{least} – {most}" if least and most else f"≥ {least}" if least else f"≤ {most}" if most else ""
    return control.texts[0]


def _between_moments(start: str, end: str) -> str:
    """Like: in the last 30 days; 60 days ago or earlier; since 2026-11-01."""
    after, before = days_ago(start), days_ago(end)
    if after is not None and before is not None:
        return _("%(from)s to %(to)s days ago") % {"from": before, "to": after}
    if after is not None and not end:
        return ngettext("in the last day", "in the last %(days)s days", after) % {"days": after}
    if before is not None and not start:
        return ngettext("%(days)s day ago or earlier", "%(days)s days ago or earlier", before) % {"days": before}
    first, last = start if after is None else _ago(after), end if before is None else _ago(before)
    if first and last:
        return f"{first} – {last}"
    return _("since %(day)s") % {"day": first} if first else _("until %(day)s") % {"day": last} if last else ""


def _grouped(number: str) -> str:
    return f"{int(number):,}" if number.isascii() and number.isdigit() else number


def _without(params: QueryDict, each: MemberFilter) -> str:
    kept = params.copy()
    for name in (*each.names, "page"):
        kept.pop(name, None)
    return f"?{kept.urlencode()}"


def _ago(days: int) -> str:
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}
