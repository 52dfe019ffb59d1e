"""What upper apps add to the member list and the member page.

An app registers its columns, panels and acts in its own `admin/`, which Django imports at start. A column's `load`
and a panel's `load` are called once per page; columns that name the same `load` share one call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.errors import Text
from core.registries import Registry
from members.models import Member

Loaded = Mapping[int, Any]


@dataclass(frozen=True, kw_only=True)
class MemberColumn:
    """One column of the list.

    `load(members)` answers what is known of them by member id, in a fixed number of queries; `render` writes one cell
    from the member and that value (None where nothing is known). `cell` places it on a phone: name, tier, main, sub or
    hide. `weigh` takes the amount out of the value, for the total of a selection; one column has it. `sort` is an ordering
    that an index serves; `sort_scope` the filter that makes it so, and `sort_note` says who is left out by it.
    """

    code: str
    label: Text
    render: Callable[[Member, Any], str]
    order: int = 100
    load: Callable[[Sequence[Member]], Loaded] | None = None
    cell: str = "hide"
    numeric: bool = False
    hint: Text = ""
    weigh: Callable[[Any], Decimal] | None = None
    sort: tuple[str, ...] = ()
    sort_scope: Mapping[str, Any] = field(default_factory=dict)
    sort_note: Text = ""
    newest_first: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberPanel:
    """One part of the member page; `place` is head, main or side. `load` answers the template's context, None hides it.

    A `later` panel is asked for by the browser when it comes into view: what the page itself costs stays as it is.
    """

    code: str
    template: str
    load: Callable[[HttpRequest, Member], Mapping[str, Any] | None]
    place: str = "main"
    permission: str = ""
    later: bool = False
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class MemberPart:
    """A piece of the member page that is asked for by itself: `members/<id>/part/<code>/`."""

    code: str
    view: Callable[[HttpRequest, int], HttpResponse]
    permission: str = ""
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class MemberAct:
    """Something done to selected members: the selection is posted to `view`, whose page shows totals before the act."""

    code: str
    label: Text
    icon: str
    view: Callable[[HttpRequest], HttpResponse]
    permission: str
    order: int = 100


member_columns: Registry[MemberColumn] = Registry("member columns")
member_panels: Registry[MemberPanel] = Registry("member panels")
member_parts: Registry[MemberPart] = Registry("member parts")
member_acts: Registry[MemberAct] = Registry("member acts")
