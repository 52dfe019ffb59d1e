"""What rules refer to: tags and audiences are one graph, in which no rule may come back to what has it."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from segments.models import Audience, Tag
from segments.rules.audience_reading import read_rule
from segments.rules.audience_tree import FilterLeaf, Node, audiences_named, leaves
from segments.selectors.tags import audiences_named_by, tags_named_by

#: A tag or an audience by its number.
Reference = tuple[Literal["tag", "audience"], int]


def named_by_tag(rule: Mapping[str, Any] | None) -> set[Reference]:
    """What the rule of a tag asks for itself."""
    return _references(tags_named_by(rule), audiences_named_by(rule))


def named_by_audience(node: Node) -> set[Reference]:
    """What the rule of an audience, or a part of it, asks for itself."""
    filters = [leaf.given for leaf in leaves(node) if isinstance(leaf, FilterLeaf)]
    return _references({pk for given in filters for pk in tags_named_by(given)}, audiences_named(node))


def leads_to(named: Collection[Reference], to: Reference) -> bool:
    """Whether what is named is `to`, or comes to it through the rules of others; two queries per level."""
    seen: set[Reference] = set()
    wanted = set(named)
    while wanted:
        if to in wanted:
            return True
        seen |= wanted
        wanted = _named_by_these(wanted) - seen
    return False


def _named_by_these(references: Collection[Reference]) -> set[Reference]:
    tags = Tag.objects.filter(pk__in=_of("tag", references)).values_list("rule", flat=True)
    audiences = Audience.objects.filter(pk__in=_of("audience", references)).values_list("rule", flat=True)
    nodes = [node for rule in audiences if (node := read_rule(rule)[0]) is not None]
    return {each for rule in tags for each in named_by_tag(rule)} | {
        each for node in nodes for each in named_by_audience(node)
    }


def _references(tags: Collection[int], audiences: Collection[int]) -> set[Reference]:
    found: set[Reference] = {("tag", pk) for pk in tags}
    found.update(("audience", pk) for pk in audiences)
    return found


def _of(kind: str, references: Collection[Reference]) -> list[int]:
    return [pk for each, pk in references if each == kind]
