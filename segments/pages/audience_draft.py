"""The rule of an audience while it is being built: a tree of what was typed, whether it makes sense yet or not.

In the form each part is a hidden field `node` = `number:parent:kind` in the order of the page; its values are named
`n<number>.<field>`. Nothing that was typed is lost when a part is added or taken out: the whole tree goes to and fro.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.errors import FieldErrors, Text
from core.rules.whole import whole_in
from members.enums import FilterKind
from members.models import MemberFilter, member_filters
from segments.rules.audience_reading import DEEPEST, MOST_LEAVES, UNCHOSEN
from segments.rules.audience_tree import ROOT

GROUPS = ("all", "any", "none", "not_all")
LEAF = "leaf"
MOST_NODES = 2 * MOST_LEAVES
CHOOSE_WHAT = _("Choose what this condition looks at.")
LISTS = {"products", "channels"}  # typed with commas between
_AS_JSON = {"all": ("all", False), "any": ("any", False), "none": ("any", True), "not_all": ("all", True)}
_AS_GROUP = {as_json: kind for kind, as_json in _AS_JSON.items()}


@dataclass
class Draft:
    """A group of drafts, or a condition: `what` it looks at, and the fields as they were typed."""

    kind: str = LEAF
    what: str = ""
    negated: bool = False
    fields: dict[str, list[str]] = field(default_factory=dict)
    children: list["Draft"] = field(default_factory=list)
    errors: list[Text] = field(default_factory=list)
    number: int = 0
    parent: int = -1
    path: str = ""
    depth: int = 0

    @property
    def is_group(self) -> bool:
        return self.kind != LEAF

    @property
    def may_nest(self) -> bool:
        return self.depth + 1 < DEEPEST

    @property
    def filter(self) -> MemberFilter | None:
        code = self.what.removeprefix("filter:")
        return member_filters.get(code) if code != self.what and code in member_filters else None

    @property
    def is_chosen(self) -> bool:
        """Whether every condition in it says what it looks at."""
        return all(part.is_group or part.what for part in self.walk())

    def texts(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    def text(self, name: str) -> str:
        return next(iter(self.texts(name)), "")

    def walk(self) -> Iterator["Draft"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def as_json(self, path: str = ROOT) -> dict[str, Any]:
        """The rule, faulty parts as they are; remembers where each part stands in it."""
        self.path = path
        if not self.is_group:
            body = _leaf(self)
            return {"not": body} if self.negated else body
        key, negated = _AS_JSON[self.kind]
        inner = f"{path}.not.{key}" if negated else f"{path}.{key}"
        group = {key: [child.as_json(f"{inner}.{place}") for place, child in enumerate(self.children)]}
        return {"not": group} if negated else group

    def take_faults(self, faults: FieldErrors) -> list[Text]:
        """Give each fault to the part it is about; answers those of no part."""
        parts = sorted(self.walk(), key=lambda part: len(part.path), reverse=True)
        left: list[Text] = []
        for path, sentences in faults.items():
            owner = next((part for part in parts if path == part.path or path.startswith(f"{part.path}.")), None)
            if owner is None:
                left += sentences
            elif not owner.is_group and not owner.what:
                owner.errors = [CHOOSE_WHAT]
            else:
                owner.errors += [each for each in sentences if each not in owner.errors]
        return left

    def counted(self) -> "Draft":
        """Number the parts in the order of the page."""
        for number, part in enumerate(self.walk()):
            part.number = number
            for child in part.children:
                child.parent, child.depth = number, part.depth + 1
        return self


def empty() -> Draft:
    return Draft(kind="all", children=[Draft()]).counted()


def read(posted: QueryDict) -> Draft:
    """The tree that was posted; whatever is no part of one is passed over."""
    parts: dict[str, Draft] = {}
    for text in posted.getlist("node")[:MOST_NODES]:
        number, _colon, rest = text.partition(":")
        parent, _colon, kind = rest.partition(":")
        if number in parts or kind not in {LEAF, "group"} or (parts and parent not in parts):
            continue
        part = _posted(posted, number, kind)
        if parts:
            if not parts[parent].is_group:
                continue
            parts[parent].children.append(part)
        elif not part.is_group:
            continue
        parts[number] = part
    root = next(iter(parts.values()), None)
    return root.counted() if root else empty()


def _posted(posted: QueryDict, number: str, kind: str) -> Draft:
    prefix = f"n{number}."
    fields = {name.removeprefix(prefix): posted.getlist(name) for name in posted if name.startswith(prefix)}
    mode = next(iter(fields.pop("mode", [])), "all")
    what, negated = next(iter(fields.pop("what", [])), ""), bool(fields.pop("not", []))
    if kind == "group":
        return Draft(kind=mode if mode in GROUPS else "all")
    return Draft(what=what, negated=negated, fields=fields)


def change(root: Draft, act: str) -> Draft:
    """Do what a button of the form asks for: `add:3`, `group:3`, `remove:3`; anything else leaves the tree as it is."""
    verb, _colon, number = act.partition(":")
    part = next((each for each in root.walk() if str(each.number) == number), None)
    if part is None:
        return root
    if verb == "add" and part.is_group:
        part.children.append(Draft())
    elif verb == "group" and part.is_group and part.may_nest:
        part.children.append(Draft(kind="any", children=[Draft()]))
    elif verb == "remove" and part is not root:
        owner = next(each for each in root.walk() if part in each.children and part.parent == each.number)
        owner.children = [child for child in owner.children if child is not part]
    return root.counted()


def from_rule(rule: Mapping[str, Any]) -> Draft:
    """A kept rule as a draft; a single condition stands in a group."""
    draft = _draft(rule)
    return (draft if draft.is_group else Draft(kind="all", children=[draft])).counted()


def _draft(rule: Mapping[str, Any]) -> Draft:
    ((key, body),) = rule.items()
    negated = key == "not"
    if negated:
        ((key, body),) = body.items()
    if key in {"all", "any"}:
        return Draft(kind=_AS_GROUP[key, negated], children=[_draft(each) for each in body])
    what, fields = _FIELDS[key](body)
    return Draft(what=what, negated=negated, fields=fields)


def _filter_fields(body: Mapping[str, list[str]]) -> tuple[str, dict[str, list[str]]]:
    entry = next((each for each in member_filters if set(body) <= set(each.names)), None)
    if entry is None:
        return "", {}
    fields = {name: list(values) for name, values in body.items()}
    if entry.kind != FilterKind.MOMENTS:
        return f"filter:{entry.code}", fields
    start, end = ("".join(fields.get(name, [])) for name in entry.names)
    how = "last" if start.startswith("-") and not end else "before" if end.startswith("-") and not start else "between"
    days = (start or end)[1:-1] if how != "between" else ""
    return f"filter:{entry.code}", {"how": [how], "days": [days], **(fields if how == "between" else {})}


def _object_fields(what: str) -> Any:
    return lambda body: (what, {name: _typed(name, value) for name, value in body.items()})


def _typed(name: str, value: Any) -> list[str]:
    values = [str(each) for each in value] if isinstance(value, list) else [str(value)]
    return [", ".join(values)] if name in LISTS else values


_FIELDS: dict[str, Any] = {
    "filter": _filter_fields,
    "purchases": _object_fields("purchases"),
    "interactions": _object_fields("interactions"),
    "consent": _object_fields("consent"),
    "audience": lambda body: ("audience", {"audience": [str(body)]}),
}


def _leaf(draft: Draft) -> dict[str, Any]:
    match draft.what:
        case "purchases":
            names = ("products", "categories", "stores", "channels")
            return {"purchases": {"measure": draft.text("measure"), **_numbers(draft), **_lists(draft, names)}}
        case "interactions":
            return {"interactions": {**_numbers(draft), **_lists(draft, ("kinds", "channels"))}}
        case "consent":
            return {"consent": {name: draft.text(name) or None for name in ("purpose", "channel", "is")}}
        case "audience":
            return {"audience": whole_in(draft.text("audience")) or 0}
    return {"filter": _parameters(draft)} if draft.filter else {UNCHOSEN: None}


def _numbers(draft: Draft) -> dict[str, Any]:
    return {"operator": draft.text("operator"), "value": draft.text("value"), "days": draft.text("days") or None}


def _lists(draft: Draft, names: tuple[str, ...]) -> dict[str, list[str]]:
    """What was ticked, or typed with commas of either kind between."""
    return {
        name: [part.strip() for text in draft.texts(name) for part in _split(name, text) if part.strip()]
        for name in names
        if any(draft.texts(name))
    }


def _split(name: str, text: str) -> list[str]:
    return text.replace("，", ",").replace("、", ",").split(",") if name in LISTS else [text]


def _parameters(draft: Draft) -> dict[str, list[str]]:
    entry = draft.filter
    if entry is None:
        return {}
    if entry.kind == FilterKind.MOMENTS and draft.text("how") in {"last", "before"}:
        name = entry.names[0] if draft.text("how") == "last" else entry.names[1]
        return {name: [f"-{draft.text('days').strip()}d"]}
    return {name: [text for text in draft.texts(name) if text.strip()] for name in entry.names}
