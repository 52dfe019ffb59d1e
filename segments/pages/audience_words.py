"""The rule of an audience in words: 同时满足：层级：沉默用户；近30天无订单."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.enums.consent import Channel, Purpose
from compliance.rules.consent import is_asked_by_channel
from members.admin.filter_form import chips_for, controls_for
from members.enums import FilterKind
from members.models import member_filters
from segments.enums import ConsentIs, Operator, PurchaseMeasure
from segments.models import Audience
from segments.rules.audience_reading import read_rule
from segments.rules.audience_tree import (
    AllOf,
    AnyOf,
    AudienceLeaf,
    ConsentLeaf,
    FilterLeaf,
    InteractionLeaf,
    Node,
    Not,
    PurchaseLeaf,
    audiences_named,
)
from timeline.enums import InteractionKind

NONE = {"=": Decimal(0), "<=": Decimal(0), "<": Decimal(1)}
SINCE = frozenset({PurchaseMeasure.SINCE_FIRST, PurchaseMeasure.SINCE_LAST})


@dataclass(frozen=True)
class Phrase:
    """A condition, or a group with what stands in it."""

    text: str
    parts: tuple["Phrase", ...] = ()

    def __str__(self) -> str:
        if not self.parts:
            return self.text
        inside = _("; ").join(f"({each})" if each.parts else str(each) for each in self.parts)
        return _("%(group)s: %(conditions)s") % {"group": self.text, "conditions": inside}


def phrase_of(rule: Mapping[str, Any] | Node, *, names: Mapping[int, str] | None = None) -> Phrase:
    """What a rule says; a rule that cannot be read says so. `names` of audiences are asked for where not given."""
    node = read_rule(rule)[0] if isinstance(rule, Mapping) else rule
    if node is None:
        return Phrase(_("a rule that cannot be read"))
    if names is None:
        names = dict(Audience.objects.filter(pk__in=audiences_named(node)).values_list("pk", "name"))
    return _phrase(node, names)


def _phrase(node: Node, names: Mapping[int, str]) -> Phrase:  # noqa: C901, PLR0911  # one case for each kind of part
    match node:
        case AllOf((only,)) | AnyOf((only,)):
            return _phrase(only, names)
        case Not(AllOf((only,)) | AnyOf((only,))):
            return _phrase(Not(only), names)
        case AllOf(children):
            return _group(_("all of these hold"), children, names)
        case AnyOf(children):
            return _group(_("at least one of these holds"), children, names)
        case Not(AnyOf(children)):
            return _group(_("none of these holds"), children, names)
        case Not(AllOf(children)):
            return _group(_("not all of these hold"), children, names)
        case Not(child):
            return Phrase(_("not: %(condition)s") % {"condition": _phrase(child, names)})
        case PurchaseLeaf():
            return Phrase(_purchases(node))
        case InteractionLeaf():
            return Phrase(_interactions(node))
        case ConsentLeaf():
            return Phrase(_consent(node))
        case AudienceLeaf(audience):
            return Phrase(_("in the audience “%(name)s”") % {"name": names.get(audience, f"#{audience}")})
        case FilterLeaf():
            return Phrase(_filter(node))


def _group(lead: str, children: Iterable[Node], names: Mapping[int, str]) -> Phrase:
    return Phrase(lead, tuple(_phrase(child, names) for child in children))


def _filter(leaf: FilterLeaf) -> str:
    entry = next((each for each in member_filters if set(leaf.given) <= set(each.names)), None)
    if entry is not None and entry.kind == FilterKind.MOMENTS:
        return _("%(name)s: %(values)s") % {"name": entry.label, "values": _span(leaf.given, *entry.names)}
    params = QueryDict(mutable=True)
    for name, values in leaf.parameters:
        params.setlist(name, list(values))
    chips = chips_for(controls_for(params, {}, given_only=True), params)
    said = (_("%(name)s: %(values)s") % {"name": chip.label, "values": chip.text} for chip in chips)
    return _(", ").join(said) or _("a filter that is gone")


def _span(given: Mapping[str, list[str]], first: str, last: str) -> str:
    """In the last 30 days, more than 30 days ago, or from one day to another; an open end is left out."""
    start, end = "".join(given.get(first, ())), "".join(given.get(last, ()))
    if start.startswith("-") and not end:
        return _window(int(start[1:-1]))
    if end.startswith("-") and not start:
        days = int(end[1:-1])
        return ngettext("more than %(days)s day ago", "more than %(days)s days ago", days) % {"days": days}
    return f"{start} – {end}" if start and end else f"≥ {start}" if start else f"≤ {end}"


def _purchases(leaf: PurchaseLeaf) -> str:
    parts = {"scope": _scope(leaf), "window": _window(leaf.days), "limit": _limit(leaf)}
    if leaf.measure == PurchaseMeasure.ORDERS and NONE.get(leaf.operator) == leaf.value:
        return _("no order %(window)s%(scope)s") % parts
    measure = str(PurchaseMeasure(leaf.measure).label)
    parts["measure"] = measure[:1].lower() + measure[1:]
    if leaf.measure in SINCE:
        return _("%(measure)s%(scope)s %(limit)s") % parts
    return _("%(measure)s %(window)s%(scope)s %(limit)s") % parts


def _interactions(leaf: InteractionLeaf) -> str:
    kinds = [str(InteractionKind(kind).label) for kind in leaf.kinds]
    parts = {"scope": _bracketed([*kinds, *leaf.channels]), "window": _window(leaf.days), "limit": _limit(leaf)}
    if NONE.get(leaf.operator) == leaf.value:
        return _("no interaction %(window)s%(scope)s") % parts
    return _("interactions %(window)s%(scope)s %(limit)s") % parts


def _consent(leaf: ConsentLeaf) -> str:
    purpose = Purpose(leaf.purpose).label if leaf.purpose in Purpose.values else leaf.purpose
    holds = str(ConsentIs(leaf.holds).label)
    if not is_asked_by_channel(leaf.purpose):
        return _("consent to “%(purpose)s”: %(holds)s") % {"purpose": purpose, "holds": holds}
    words = _("consent to “%(purpose)s”, %(channel)s: %(holds)s")
    return words % {"purpose": purpose, "channel": Channel(leaf.channel).label, "holds": holds}


def _window(days: int | None) -> str:
    if days is None:
        return _("since the beginning")
    return ngettext("in the last day", "in the last %(days)s days", days) % {"days": days}


def _scope(leaf: PurchaseLeaf) -> str:
    return _bracketed([*leaf.categories, *leaf.products, *leaf.stores, *leaf.channels])


def _bracketed(parts: list[str]) -> str:
    return _(" (%(parts)s)") % {"parts": _(", ").join(parts)} if parts else ""


def _limit(leaf: PurchaseLeaf | InteractionLeaf) -> str:
    number = f"{leaf.value:,.0f}" if leaf.value == leaf.value.to_integral_value() else f"{leaf.value.normalize():,f}"
    return f"{Operator(leaf.operator).label} {number}"
