"""Audiences: who is in one, how many they are, what a rule refers to and who depends on it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from accounts.enums import Reach
from accounts.models import Store, User
from core.errors import FieldErrors, Text
from members.errors import FilterNotValid, FilterPersonal
from members.models import Member
from members.models.filters import check_parameters, member_filters
from segments.enums import AudienceState
from segments.errors import AudienceInvalid, AudienceTooSlow
from segments.models import Audience, AudienceSize, Tag, Use, audience_uses
from segments.rules.audience_facts import Sql
from segments.rules.audience_reading import CHOOSE, MOST_LEAVES, UNKNOWN, read_rule
from segments.rules.audience_tree import (
    ROOT,
    AudienceLeaf,
    FilterLeaf,
    Node,
    PurchaseLeaf,
    audiences_named,
    leaves,
)
from segments.selectors.audience_sql import statement_of
from timeline.models import Product

Rule = Audience | Node | Mapping[str, Any]
SAMPLE = 8
MONTH = timedelta(days=30)
#: How long somebody waits in front of a page for a count.
PATIENCE = timedelta(seconds=5)
# A million members are hashed within it; with less they are read in order of their facts, which takes ten times as long.
MEMORY = "64MB"
_SETTING = "SELECT current_setting(%(name)s), set_config(%(name)s, %(value)s, true)"
MOST_EXPANDED = 4 * MOST_LEAVES
_ESTIMATE = """
WITH found AS MATERIALIZED ({found})
SELECT (SELECT count(*) FROM found),
    ARRAY(SELECT member_id FROM found ORDER BY hashint8(member_id), member_id LIMIT %s)
"""


@dataclass(frozen=True)
class Estimate:
    """How many match, and the numbers of a few of them, drawn by chance but the same each time."""

    size: int
    sample: list[int]


def members_of(rule: Rule, *, now: datetime, within: QuerySet[Member] | None = None) -> QuerySet[Member]:
    """Members who match at `now`, as a queryset to compose with; `within` is a hint that saves reading others' facts.

    Raises AudienceInvalid for a rule that names what is gone.
    """
    text, values = audience_statement(rule, now=now, within=within)
    return Member.objects.filter(pk__in=RawSQL(text, values))  # noqa: S611  # every value is a bound parameter


def audience_statement(rule: Rule, *, now: datetime, within: QuerySet[Member] | None = None) -> tuple[str, list[Any]]:
    """SELECT of the numbers (`member_id`) of those who match at `now`, each once, with its values."""
    found = _statement(checked(rule, now=now), now=now, within=within)
    return found.text, list(found.values)


def estimate(rule: Rule, *, now: datetime, by: User | None, patience: timedelta = PATIENCE) -> Estimate:
    """How many of the members that `by` may see match now (None: of everybody), in one statement.

    Raises AudienceInvalid, or AudienceTooSlow after `patience`.
    """
    within = None if by is None or by.reach == Reach.ALL else Member.objects.visible_to(by).active()
    found = _statement(checked(rule, now=now), now=now, within=within)
    with patient(patience), connection.cursor() as cursor:
        cursor.execute(_ESTIMATE.format(found=found.text), [*found.values, SAMPLE])
        size, sample = cursor.fetchone()
    return Estimate(size, sample)


@contextmanager
def patient(patience: timedelta = PATIENCE) -> Iterator[None]:
    """Inside, no statement takes longer: AudienceTooSlow is raised, and nothing of the block is kept."""
    try:
        with transaction.atomic(), _with(statement_timeout=f"{patience.total_seconds():.0f}s", work_mem=MEMORY):
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise AudienceTooSlow from error
        raise


def count_everybody(rule: Rule, *, now: datetime) -> int:
    """How many match; it takes as long as the caller's patience allows, and without `patient` however long."""
    text, values = audience_statement(rule, now=now)
    with transaction.atomic(), _with(work_mem=MEMORY), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({text}) AS found", values)  # noqa: S608  # bound parameters
        return int(cursor.fetchone()[0])


@contextmanager
def _with(**settings: str) -> Iterator[None]:
    """Settings of the server for a block inside a transaction of its own; the caller's are as they were afterwards.

    What fails is rolled back, and its settings with it.
    """
    before = {name: _set(name, value) for name, value in settings.items()}
    yield
    for name, value in before.items():
        _set(name, value)


def _set(name: str, value: str) -> str:
    """Answers what it was."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTING, {"name": name, "value": value})
        return str(cursor.fetchone()[0])


def checked(rule: Rule, *, now: datetime, audience_id: int | None = None) -> Node:
    """The rule as a tree, every name in it known. Raises AudienceInvalid with the faults by path.

    `audience_id` is the audience that is to have it: it may not lead back to itself.
    """
    if isinstance(rule, Audience):
        return checked(rule.rule, now=now, audience_id=rule.pk)
    faults: FieldErrors = {}
    node: Node | None = None
    if isinstance(rule, Mapping):
        node, faults = read_rule(rule)
    else:
        node = rule
    if node is not None:
        faults = _faults(node, now=now, audience_id=audience_id)
    if node is None or faults:
        raise AudienceInvalid(fields=faults)
    return node


def audiences_behind(node: Node) -> dict[int, Node]:
    """The rules of all audiences that a rule refers to, at any depth; one query per level."""
    found: dict[int, Node] = {}
    wanted = audiences_named(node)
    while wanted:
        rows = Audience.objects.filter(pk__in=wanted).values_list("pk", "rule")
        new = {pk: each for pk, rule in rows if (each := read_rule(rule)[0]) is not None}
        found |= new
        wanted = {pk for each in new.values() for pk in audiences_named(each)} - found.keys()
    return found


def audience_references(audiences: Collection[int]) -> list[tuple[int, Audience]]:
    """Audience and audience in use whose own rule names it; one query."""
    wanted = set(audiences)
    return [(pk, each) for each in _active() for pk in sorted(_named(each) & wanted)]


def audiences_naming(tag: Tag) -> list[Audience]:
    """Audiences in use whose rule asks for a tag."""
    return [each for each in _active() if str(tag.pk) in _filter_values(each, "tag")]


def uses_of(audiences: Sequence[Audience]) -> dict[int, list[Use]]:
    """What depends on each audience, as far as any app knows."""
    found: dict[int, list[Use]] = defaultdict(list)
    for entry in audience_uses:
        for pk, uses in entry.find([audience.pk for audience in audiences]).items():
            found[pk] += uses
    return found


def sizes_of(audiences: Sequence[Audience], *, today: date) -> dict[int, list[AudienceSize]]:
    """The last 30 days of each, the earliest first; one query."""
    found: dict[int, list[AudienceSize]] = defaultdict(list)
    for row in AudienceSize.objects.filter(audience__in=audiences, day__gt=today - MONTH).order_by("day"):
        found[row.audience_id].append(row)
    return found


def _active() -> QuerySet[Audience]:
    return Audience.objects.filter(state=AudienceState.ACTIVE).order_by("name", "pk")


def _named(audience: Audience) -> set[int]:
    node = read_rule(audience.rule)[0]
    return audiences_named(node) if node is not None else set()


def _filter_values(audience: Audience, name: str) -> set[str]:
    node = read_rule(audience.rule)[0]
    given = [leaf.given for leaf in leaves(node) if isinstance(leaf, FilterLeaf)] if node is not None else []
    return {value for parameters in given for value in parameters.get(name, ())}


def _statement(node: Node, *, now: datetime, within: QuerySet[Member] | None) -> Sql:
    return statement_of(node, audiences=audiences_behind(node), now=now, within=within)


def _faults(node: Node, *, now: datetime, audience_id: int | None) -> FieldErrors:
    """What the database knows better than the shape."""
    found: dict[str, list[Text]] = defaultdict(list)
    conditions = list(leaves(node))
    for leaf in conditions:
        if isinstance(leaf, FilterLeaf) and (sentence := _filter_fault(leaf, now=now)):
            found[leaf.path].append(sentence)
    for path, sentence in (*_unknown_names(conditions), *_reference_faults(node, audience_id)):
        found[path].append(sentence)
    return dict(found)


def _filter_fault(leaf: FilterLeaf, *, now: datetime) -> Text:
    names = set(leaf.given)
    entry = next((each for each in member_filters if names <= set(each.names)), None)
    if entry is None or entry.code == "audience":
        return UNKNOWN
    try:
        check_parameters(leaf.given, now=now)
    except FilterPersonal as refused:
        return refused.message
    except FilterNotValid:
        return CHOOSE if entry.options else FilterNotValid.message
    return ""


def _unknown_names(conditions: Iterable[Any]) -> Iterable[tuple[str, Text]]:
    """Products, categories and stores that there are not; one query for each of the three."""
    known = {"products": (Product, "code"), "categories": (Product, "category"), "stores": (Store, "code")}
    purchases = [leaf for leaf in conditions if isinstance(leaf, PurchaseLeaf)]
    for name, (model, column) in known.items():
        wanted = {value for leaf in purchases for value in getattr(leaf, name)}
        if not wanted:
            continue
        rows = model.objects.filter(**{f"{column}__in": wanted})  # type: ignore[attr-defined]  # both have a manager
        missing = wanted - set(rows.values_list(column, flat=True).distinct())
        for leaf in purchases:
            if gone := missing.intersection(getattr(leaf, name)):
                said = _("There is no such value here: %(values)s.") % {"values": _(", ").join(sorted(gone))}
                yield f"{leaf.path}.{name}", said


def _reference_faults(node: Node, audience_id: int | None) -> Iterable[tuple[str, Text]]:
    """References to what is not there or archived, circles, and more conditions in all than one statement bears."""
    named = [leaf for leaf in leaves(node) if isinstance(leaf, AudienceLeaf)]
    if not named:
        return
    in_use = set(_active().filter(pk__in={leaf.audience for leaf in named}).values_list("pk", flat=True))
    behind = audiences_behind(node)
    for leaf in named:
        if leaf.audience == audience_id:
            yield leaf.path, _("An audience cannot refer to itself.")
        elif leaf.audience not in in_use or leaf.audience not in behind:
            yield leaf.path, _("There is no such audience in use.")
        elif _leads_back(leaf.audience, behind, audience_id):
            yield leaf.path, _("That audience refers to this one, directly or through others.")
    if sum(1 for each in (node, *behind.values()) for _leaf in leaves(each)) > MOST_EXPANDED:
        yield ROOT, _("With the audiences that it refers to, the rule has more than 200 conditions.")


def _leads_back(start: int, behind: Mapping[int, Node], to: int | None) -> bool:
    """Whether the references from `start` come to `to`, or run in a circle."""
    seen: set[int] = set()
    waiting = [(start, frozenset([start]))]
    while waiting:
        pk, trail = waiting.pop()
        if pk not in behind or pk in seen:
            continue
        seen.add(pk)
        following = audiences_named(behind[pk])
        if to in following or following & trail:
            return True
        waiting += [(each, trail | {each}) for each in following]
    return False
