"""A place on the page of a group for what other parts of communities have to say of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.pages import StaffRequest
from community.models import Group
from core.errors import Text
from core.registries import Registry

Context = Callable[[Group, StaffRequest], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class GroupPanel:
    """`template` is shown with what `context` answers, as the variable `panel`, beside `group`.

    `place`: `main` below the activity, always; `side` in the narrow column, always; `tab` when its tab is chosen
    (`?tab=<code>`). A panel of the side has a heading of its own; `main` and `tab` get `title` as theirs.
    """

    code: str
    title: Text
    template: str
    context: Context
    place: str
    permission: str
    order: int = 100


group_panels: Registry[GroupPanel] = Registry("panels of groups")


def panels_for(request: StaffRequest, place: str) -> list[GroupPanel]:
    return [panel for panel in group_panels if panel.place == place and request.user.has_perm(panel.permission)]


def shown(panels: list[GroupPanel], group: Group, request: StaffRequest) -> list[dict[str, Any]]:
    return [{"panel": panel, "context": panel.context(group, request)} for panel in panels]
