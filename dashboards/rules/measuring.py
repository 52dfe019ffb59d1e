"""SQL of measuring: sources staged for a stretch of days, facts of one day per member, sums by slice.

Nothing here knows where the text of a source comes from; days, time zone and the like are bound parameters.
"""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from members.rules.persons import owned

MEASURED = "dashboards_measured"
#: The value of a fact that says whether a member has any row.
ANYTHING = "1"
FIRST = "%(first)s"
Place: TypeAlias = "tuple[str, Window]"


class Source(Protocol):
    """What is needed of a source of facts."""

    @property
    def code(self) -> str: ...
    @property
    def rows(self) -> str: ...
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def reach(self) -> int: ...
    @property
    def stored(self) -> bool: ...
    @property
    def parts(self) -> Mapping[str, str]: ...
    @property
    def lasting(self) -> bool: ...


@dataclass(frozen=True, order=True)
class Window:
    """Days before the one that is told, the farthest and the nearest, both included: 29 and 0 are the last 30."""

    back: int
    until: int = 0

    @property
    def days(self) -> int:
        return self.back - self.until + 1


def window_of(days: int) -> Window:
    return Window(days - 1)


def window_before(days: int) -> Window:
    """As long, and right before it."""
    return Window(2 * days - 1, days)


@dataclass(frozen=True, order=True)
class Slot:
    """One fact in one window: `value` over the rows of `source`."""

    source: str
    fact: str
    value: str
    window: Window


def table_of(code: str) -> str:
    return f"dashboards_staged_{code}"


def reaches(slots: Sequence[Slot], sources: Mapping[str, Source]) -> dict[str, int]:
    """How many days before the first day each source must be staged, needs included, in an order that serves them."""
    found: dict[str, int] = {}
    for slot in slots:
        _reach(slot.source, slot.window.back, sources, found)
    return {code: found[code] for code in _in_order(found, sources)}


def _reach(code: str, back: int, sources: Mapping[str, Source], found: dict[str, int]) -> None:
    found[code] = max(found.get(code, 0), back)
    for need in sources[code].needs:
        _reach(need, back + sources[code].reach, sources, found)


def _in_order(wanted: Mapping[str, int], sources: Mapping[str, Source]) -> list[str]:
    done: list[str] = []

    def add(code: str) -> None:
        if code not in done:
            for need in sources[code].needs:
                add(need)
            done.append(code)

    for code in sorted(wanted):
        add(code)
    return done


def relation(code: str, sources: Mapping[str, Source], *, staged: bool, records: str = "") -> str:
    """What stands after FROM for a source: its staged table, or all of it in brackets."""
    source = sources[code]
    if staged and source.stored:
        return table_of(code)
    return f"({select(code, sources, staged=staged, records=records)})"


def select(code: str, sources: Mapping[str, Source], *, staged: bool, records: str = "") -> str:
    """The rows of a source with their owners; what it needs is read where it is staged, or inside."""
    source = sources[code]
    rows = source.rows or " UNION ALL ".join(
        f"SELECT owner AS member_id, day FROM {{{need}}} AS {need}" for need in source.needs
    )
    for need in source.needs:
        inner = relation(need, sources, staged=staged, records=records)
        rows = rows.replace(f"{{{need}}}", inner.replace(FIRST, f"({FIRST}::date - {source.reach})"))
    if not source.stored:
        return f"SELECT member_id AS owner, brought.* FROM ({rows}) AS brought"
    return owned(rows, records)


def stage(code: str, sources: Mapping[str, Source]) -> str:
    return f"CREATE TEMP TABLE {table_of(code)} AS {select(code, sources, staged=True)}"


def with_sources(slots: Sequence[Slot], sources: Mapping[str, Source]) -> str:
    """The sources of one day read within a statement: WITH their staged tables by name."""
    parts = [
        f"{table_of(code)} AS MATERIALIZED ({_of_the_day(select(code, sources, staged=True), back)})"
        for code, back in reaches(slots, sources).items()
        if sources[code].stored
    ]
    return f"WITH {', '.join(parts)}"


def _of_the_day(rows: str, back: int) -> str:
    return rows.replace(FIRST, f"(%(day)s::date - {back})").replace("%(last)s", "%(day)s")


def measure(slots: Sequence[Slot], sources: Mapping[str, Source], given: str = "") -> str:
    """Keeps, of everybody of whom any slot has something, a row with the columns f0, f1 and so on."""
    return f"CREATE TEMP TABLE {MEASURED} ON COMMIT DROP AS {given} {per_member(slots, sources, staged=True)}"


def per_member(
    slots: Sequence[Slot], sources: Mapping[str, Source], *, staged: bool, only: str = "", records: str = ""
) -> str:
    """A row per member with a column for each slot: f0, f1 and so on.

    `only` limits the rows of every source (a condition), `records` those whose members they are (a SELECT).
    """
    told: dict[Place, list[int]] = {}
    for number, slot in enumerate(slots):
        for place in _places(slot, sources):
            told.setdefault(place, []).append(number)
    branches = [
        _branch(place, told[place], slots, sources, staged=staged, only=only, records=records) for place in sorted(told)
    ]
    return f"SELECT owner, {_summed(slots)} FROM ({' UNION ALL '.join(branches)}) AS parts GROUP BY owner"


def within(source: Source, window: Window) -> str:
    """Whether a row counts in the window, as of the day `%(day)s`."""
    last = f"%(day)s::date - {window.until}"
    if source.lasting:
        return f"day <= {last} AND (until IS NULL OR until > {last})"
    return f"day BETWEEN %(day)s::date - {window.back} AND {last}"


def _place(slot: Slot) -> Place:
    return slot.source, slot.window


def _places(slot: Slot, sources: Mapping[str, Source]) -> list[Place]:
    """Where a slot is told. Whether a member has any row of several sources each of them says, and is read for it once."""
    source = sources[slot.source]
    if source.stored or slot.value != ANYTHING:
        return [_place(slot)]
    return [(need, slot.window) for need in source.needs]


def _branch(
    place: Place,
    own: Collection[int],
    slots: Sequence[Slot],
    sources: Mapping[str, Source],
    *,
    staged: bool,
    only: str = "",
    records: str = "",
    kind: str = "",
) -> str:
    """Rows of one source in one window by member, and by the slice of `kind` they belong to; NULL for all but `own` slots."""
    code, window = place
    source = sources[code]
    columns = ", ".join(
        f"({slot.value})::float8 AS f{number}" if number in own else f"NULL::float8 AS f{number}"
        for number, slot in enumerate(slots)
    )
    key, keys = (f"{source.parts[kind]}::text AS slice_id, ", "1, 2") if kind else ("", "1")
    conditions = [within(source, window), *([only] if only else [])]
    conditions += [f"{source.parts[kind]} IS NOT NULL"] if kind else []
    return f"""
        SELECT {key}owner, {columns} FROM {relation(code, sources, staged=staged, records=records)} AS told
        WHERE {" AND ".join(conditions)} GROUP BY {keys}
    """


def _summed(slots: Sequence[Slot]) -> str:
    """Each slot stands in one row of a member, or says in several that there is anything."""
    return ", ".join(
        f"coalesce({'max' if slot.value == ANYTHING else 'sum'}(f{number}), 0) AS f{number}"
        for number, slot in enumerate(slots)
    )


def by_singles(slots: Sequence[Slot], samples: Sequence[Sequence[int]], told: str, singles: Sequence[str]) -> str:
    """Sums of a row per member (`told`), over those who are in the same of every kind of slices of `singles`.

    A row: the slice of each kind, NULL for none, then as `totals`. Everybody's sums, and those of a slice, are the sums
    of these: double precision needs no memory of its own, and is rounded to what amounts have, which makes it exact.
    """
    keys = [f"part{place}.slice_id" for place in range(len(singles))]
    columns = ", ".join([*keys, *_columns(slots, samples)])
    group = f"GROUP BY {', '.join(keys)}" if keys else ""
    return f"SELECT {columns} FROM ({told}) AS told {_belonging(singles)} {group}"


def _belonging(singles: Sequence[str]) -> str:
    """Joins the slices of each kind to one another before they meet what was told, whose rows are wide."""
    if not singles:
        return ""
    parts = [f"({members}) AS part{place}" for place, members in enumerate(singles)]
    member = "part0.member_id"
    for place, part in enumerate(parts[1:], 1):
        parts[place] = f"FULL JOIN {part} ON part{place}.member_id = {member}"
        member = f"coalesce({member}, part{place}.member_id)"
    joined = " ".join(parts)
    # Brackets are for a join; around one relation alone they are no SQL.
    return f"LEFT JOIN {f'({joined})' if len(parts) > 1 else joined} ON {member} = told.owner"


def totals(slots: Sequence[Slot], samples: Sequence[Sequence[int]], told: str) -> str:
    """Sums by the `slice_id` of `told`.

    A row: the slice, the sum of each slot, then for each of `samples` (places of slots) the members with any of them.
    """
    return f"SELECT slice_id, {', '.join(_columns(slots, samples))} FROM ({told}) AS told GROUP BY slice_id"


def _columns(slots: Sequence[Slot], samples: Sequence[Sequence[int]]) -> list[str]:
    sums = [f"round(coalesce(sum(f{place}), 0)::numeric, 4)" for place in range(len(slots))]
    for places in samples:
        any_of = " OR ".join(f"f{place} <> 0" for place in places) or "false"
        sums.append(f"count(*) FILTER (WHERE owner IS NOT NULL AND ({any_of}))")
    return sums


def by_slice(slots: Sequence[Slot], sources: Mapping[str, Source], members: str, kind: str) -> str:
    """The measured by the slices of their members (`members`: slice_id, member_id).

    What a source says of the slices of that `kind` itself goes before: its rows belong there, whoever their member is.
    """
    own = {
        place: [number for number, slot in enumerate(slots) if _place(slot) == place]
        for place in sorted({_place(slot) for slot in slots if kind in sources[slot.source].parts})
    }
    belong = f"{MEASURED} AS told JOIN ({members}) AS part ON part.member_id = told.owner"
    if not own:
        return f"SELECT part.slice_id, told.* FROM {belong}"
    others = ", ".join(
        f"{'NULL::float8' if _place(slot) in own else f'told.f{place}'} AS f{place}" for place, slot in enumerate(slots)
    )
    parts = [
        f"SELECT part.slice_id, told.owner, {others} FROM {belong}",
        *(_branch(place, numbers, slots, sources, staged=True, kind=kind) for place, numbers in own.items()),
    ]
    return f"""
        SELECT slice_id, owner, {_summed(slots)} FROM ({" UNION ALL ".join(parts)}) AS parts GROUP BY slice_id, owner
    """
