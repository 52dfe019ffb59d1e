"""Filters of members: one definition serves the list, saved views, the rules of tags and the API.

An app registers its filters beside its models, in `models/`, which Django imports at start: a filter is a condition on
a queryset, not a part of a page. Parameters are texts by name, as in an address.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.errors import Text
from core.reading import read_once
from core.registries import Registry
from core.rules.masking import mask_text
from members.enums import FilterKind
from members.errors import FilterNotValid, FilterPersonal
from members.models.member import Member
from members.rules.parameters import NotUnderstood, Parameters, moment_span, number_span, one_text, texts

Options = Callable[[], Iterable[tuple[str, Text]]]
UNSET = "-"


@dataclass(frozen=True, kw_only=True)
class MemberFilter:
    """One thing that members can be filtered by.

    `apply(queryset, value)` narrows, and is given `now=` besides where `timed`: the value is a list of texts (CHOICES), a text (TEXT), True or False (FLAG), or a
    `Span` (NUMBERS, MOMENTS). `options` are what CHOICES offers; where `closed`, nothing else is accepted.
    A filter that is reached by a link only has no field in the form: `words` says what its value means.
    A `personal` one looks for one person by what she is known by: its value is kept nowhere.
    """

    code: str
    label: Text
    kind: FilterKind
    apply: Callable[..., QuerySet[Member]]
    options: Options | None = None
    closed: bool = False
    unit: Text = ""
    help: Text = ""
    order: int = 100
    words: Callable[[str], str] | None = None
    personal: bool = False
    timed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters it reads."""
        if self.kind in {FilterKind.NUMBERS, FilterKind.MOMENTS}:
            return (f"{self.code}_from", f"{self.code}_to")
        return (self.code,)

    def choices(self) -> Sequence[tuple[str, Text]]:
        """What CHOICES offers; asked for once per page."""
        return _offered(self.options) if self.options else ()

    def read(self, parameters: Parameters, *, now: datetime) -> Any:
        """The value, or None where the parameters do not mention it. Raises NotUnderstood."""
        match self.kind:
            case FilterKind.CHOICES:
                return self._chosen(texts(parameters, self.code)) or None
            case FilterKind.NUMBERS:
                return number_span(parameters, self.code)
            case FilterKind.MOMENTS:
                return moment_span(parameters, self.code, now=now, zone=timezone.get_default_timezone())
            case FilterKind.FLAG:
                return self._flag(one_text(parameters, self.code))
            case _:
                return one_text(parameters, self.code) or None

    def _chosen(self, values: list[str]) -> list[str]:
        if values and self.closed and self.options and not {code for code, _label in self.choices()}.issuperset(values):
            raise NotUnderstood(self.code)
        return values

    def _flag(self, text: str) -> bool | None:
        if text not in {"", "1", "0"}:
            raise NotUnderstood(self.code)
        return text == "1" if text else None


@read_once
def _offered(options: Options) -> Sequence[tuple[str, Text]]:
    return list(options())


member_filters: Registry[MemberFilter] = Registry("member filters")


def filter_names() -> set[str]:
    """Every parameter that some filter reads."""
    return {name for entry in member_filters for name in entry.names}


def filter_members(members: QuerySet[Member], parameters: Parameters, *, now: datetime) -> QuerySet[Member]:
    """Narrow to those that all given filters let through; other parameters are none of its business.

    Raises FilterNotValid, which names every parameter that is not understood.
    """
    wrong: list[str] = []
    for entry in member_filters:
        try:
            value = entry.read(parameters, now=now)
        except NotUnderstood as refused:
            wrong.append(str(refused))
            continue
        if value is not None:
            members = entry.apply(members, value, now=now) if entry.timed else entry.apply(members, value)
    if wrong:
        raise FilterNotValid(fields={name: [FilterNotValid.message] for name in wrong})
    return members


def check_parameters(parameters: Parameters, *, now: datetime) -> None:
    """For what is kept (a saved view, the rule of a tag): every name known and every value understood.

    Raises FilterNotValid, or FilterPersonal for a search for somebody and for whatever looks like a phone number or an
    e-mail address: what is kept is read by others, and stays when the member is erased.
    """
    unknown = sorted(set(parameters) - filter_names())
    if unknown:
        raise FilterNotValid(fields={name: [FilterNotValid.message] for name in unknown})
    filter_members(Member.objects.none(), parameters, now=now)
    personal = sorted(name for entry in member_filters for name in entry.names if _names_somebody(entry, parameters))
    if personal:
        raise FilterPersonal(fields={name: [FilterPersonal.message] for name in personal})


def _names_somebody(entry: MemberFilter, parameters: Parameters) -> bool:
    """A value that is offered to be chosen is no secret, whatever it looks like: a guide may sign in by an e-mail address."""
    given = {value for name in entry.names for value in texts(parameters, name)}
    if entry.personal:
        return bool(given)
    suspicious = {value for value in given if mask_text(value) != value}
    if not suspicious:
        return False
    return entry.options is None or not suspicious.issubset({code for code, _label in entry.options()})
