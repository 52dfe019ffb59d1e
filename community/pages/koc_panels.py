"""What other parts of communities show on the page of a KOC: tasks, ledger, UGC register here, and the page names none.

A panel is loaded with the page. `load` answers the template's `panel`; None hides it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.pages import StaffRequest
from community.models import Koc
from core.registries import Registry


@dataclass(frozen=True, kw_only=True)
class KocPanel:
    """One part of the page; `place` is main or side."""

    code: str
    template: str
    load: Callable[[StaffRequest, Koc], Mapping[str, Any] | None]
    place: str = "main"
    permission: str = ""
    order: int = 100


koc_panels: Registry[KocPanel] = Registry("KOC panels")


def panels_for(request: StaffRequest, koc: Koc) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
    """(template, panel) by place, for whom may see them and where there is something to see."""
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {"main": [], "side": []}
    for panel in koc_panels:
        if panel.permission and not request.user.has_perm(panel.permission):
            continue
        loaded = panel.load(request, koc)
        if loaded is not None:
            found[panel.place].append((panel.template, loaded))
    return found
