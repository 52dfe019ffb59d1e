"""The controls of one condition of an audience; each is named after the part of the rule that it belongs to."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

register = template.Library()
CONTROL = "segments/audience_control.html"


@register.filter
def typed(node: Any, names: str) -> bool:
    """Whether something was typed into one of the fields."""
    return any(text.strip() for name in names.split() for text in node.texts(name))


@register.inclusion_tag(CONTROL, takes_context=True)
def leaf_select(  # noqa: PLR0913  # arguments of a tag
    context: template.Context, name: str, choices: Iterable[tuple[Any, Any]], label: Any, narrow: Any = 0, blank: Any = 0
) -> Mapping[str, Any]:
    chosen = context["node"].text(name)
    marked = _marked(choices, [chosen])
    return {**_named(context, name, label), "look": "select", "choices": marked, "narrow": narrow, "blank": blank}


@register.inclusion_tag(CONTROL, takes_context=True)
def leaf_picks(context: template.Context, name: str, choices: Iterable[tuple[Any, Any]], label: Any) -> Mapping[str, Any]:
    """What is chosen stands first, so that it is seen in a long list too."""
    marked = sorted(_marked(choices, context["node"].texts(name)), key=lambda choice: not choice[2])
    return {**_named(context, name, label), "look": "picks", "choices": marked}


@register.inclusion_tag(CONTROL, takes_context=True)
def leaf_field(context: template.Context, name: str, label: Any) -> Mapping[str, Any]:
    return {**_named(context, name, label), "look": "field", "value": context["node"].text(name)}


@register.inclusion_tag(CONTROL, takes_context=True)
def leaf_input(  # noqa: PLR0913  # arguments of a tag
    context: template.Context,
    name: str,
    label: Any,
    narrow: Any = 0,
    mode: str = "",
    kind: str = "text",
    placeholder: str = "",
) -> Mapping[str, Any]:
    """A date that is said as `-30d` stays a text."""
    value = context["node"].text(name)
    look = {"look": "input", "value": value, "kind": "text" if value.startswith("-") else kind}
    return {**_named(context, name, label), **look, "narrow": narrow, "mode": mode, "placeholder": placeholder}


def _named(context: template.Context, name: str, label: Any) -> dict[str, Any]:
    return {"name_": f"n{context['node'].number}.{name}", "label": label}


def _marked(choices: Iterable[tuple[Any, Any]], chosen: list[str]) -> list[tuple[str, Any, bool]]:
    return [(str(value), label, str(value) in chosen) for value, label in choices]
