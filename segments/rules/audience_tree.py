"""The rule of an audience: a tree of groups and conditions, as JSON and as values.

A node is an object with one key. Groups: `{"all": […]}`, `{"any": […]}`, `{"not": node}`. Conditions:
`{"filter": {"tier": ["silent"]}}` (the parameters of one filter of the member list), `{"purchases": {"measure": "spend",
"operator": ">=", "value": "500", "days": 30}}`, `{"interactions": {"kinds": ["browse"], "operator": "<", "value": "1",
"days": 7}}`, `{"consent": {"purpose": "marketing", "channel": "wecom", "is": "given"}}`, `{"audience": 12}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

Path = str
ROOT = "rule"


@dataclass(frozen=True)
class All:
    children: tuple["Node", ...]
    path: Path = field(default=ROOT, compare=False)


@dataclass(frozen=True)
class Any_:
    children: tuple["Node", ...]
    path: Path = field(default=ROOT, compare=False)


@dataclass(frozen=True)
class Not:
    child: "Node"
    path: Path = field(default=ROOT, compare=False)


@dataclass(frozen=True)
class FilterLeaf:
    """Parameters of one registered filter of members."""

    parameters: tuple[tuple[str, tuple[str, ...]], ...]
    path: Path = field(default=ROOT, compare=False)

    @property
    def given(self) -> dict[str, list[str]]:
        return {name: list(values) for name, values in self.parameters}


@dataclass(frozen=True)
class PurchaseLeaf:
    """A measure of the purchases in a window (None: since the beginning); empty scopes mean everything."""

    measure: str
    operator: str
    value: Decimal
    days: int | None = None
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    path: Path = field(default=ROOT, compare=False)


@dataclass(frozen=True)
class InteractionLeaf:
    """How often a member did something (any kind where none is named) in a window."""

    operator: str
    value: Decimal
    days: int | None = None
    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    path: Path = field(default=ROOT, compare=False)


@dataclass(frozen=True)
class ConsentLeaf:
    purpose: str
    channel: str
    holds: str
    path: Path = field(default=ROOT, compare=False)


@dataclass(frozen=True)
class AudienceLeaf:
    audience: int
    path: Path = field(default=ROOT, compare=False)


Leaf: TypeAlias = FilterLeaf | PurchaseLeaf | InteractionLeaf | ConsentLeaf | AudienceLeaf
Node: TypeAlias = All | Any_ | Not | Leaf


def leaves(node: Node) -> Iterator[Leaf]:
    """Every condition, in the order written."""
    match node:
        case All(children) | Any_(children):
            for child in children:
                yield from leaves(child)
        case Not(child):
            yield from leaves(child)
        case _:
            yield node


def audiences_named(node: Node) -> set[int]:
    """The audiences that a rule refers to itself."""
    return {leaf.audience for leaf in leaves(node) if isinstance(leaf, AudienceLeaf)}


def as_json(node: Node) -> dict[str, Any]:
    """The one form in which a rule is kept: what is not said is left out."""
    match node:
        case All(children):
            return {"all": [as_json(child) for child in children]}
        case Any_(children):
            return {"any": [as_json(child) for child in children]}
        case Not(child):
            return {"not": as_json(child)}
        case FilterLeaf():
            return {"filter": node.given}
        case AudienceLeaf(audience):
            return {"audience": audience}
        case ConsentLeaf(purpose, channel, holds):
            return {"consent": {"purpose": purpose, "channel": channel, "is": holds}}
        case PurchaseLeaf():
            scope = {name: list(getattr(node, name)) for name in ("products", "categories", "stores", "channels")}
            return {"purchases": _said({"measure": node.measure, **_compared(node), **scope})}
        case InteractionLeaf():
            lists = {"kinds": list(node.kinds), "channels": list(node.channels)}
            return {"interactions": _said({**_compared(node), **lists})}


def _compared(leaf: PurchaseLeaf | InteractionLeaf) -> dict[str, Any]:
    return {"operator": leaf.operator, "value": f"{leaf.value.normalize():f}", "days": leaf.days}


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [])}
