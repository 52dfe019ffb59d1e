"""Extension points: a lower app owns a registry, upper apps register into it, so that no lower app names an upper one.

An entry is registered beside the thing it is about, when its module is imported: schedules in `tasks.py`, exporters
and erasers in `privacy.py`, the words of acts in `events.py`, what follows the news of lower apps in `handlers.py` (all
imported by `core.apps`), menu entries, columns, filters and panels in `admin/`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from core.enums import DataClass, Ending
from core.errors import Text


class Entry(Protocol):
    """Anything with a code of its own; `order` decides its place, then the code."""

    @property
    def code(self) -> str: ...

    @property
    def order(self) -> int: ...


E = TypeVar("E", bound=Entry)
CRONTAB_PARTS = 5


class Registry(Generic[E]):
    """Entries by code, read in the order they ask for. The same code twice is an error, never a silent replacement."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, E] = {}

    def register(self, entry: E) -> E:
        """Add one entry and return it. Registering the very same entry again (a module reloaded) changes nothing."""
        present = self._entries.get(entry.code)
        if present is not None and present != entry:
            raise ImproperlyConfigured(f"{self.name}: {entry.code!r} is registered twice ({present!r} and {entry!r}).")
        self._entries[entry.code] = entry
        return entry

    def register_all(self, entries: Iterable[E]) -> None:
        for entry in entries:
            self.register(entry)

    def get(self, code: str) -> E:
        """The entry of that code; KeyError names the registry and what it holds."""
        try:
            return self._entries[code]
        except KeyError:
            raise KeyError(f"{self.name} has no {code!r}; it has {sorted(self._entries)}") from None

    def __contains__(self, code: object) -> bool:
        return code in self._entries

    def __iter__(self) -> Iterator[E]:
        return iter(sorted(self._entries.values(), key=lambda entry: (entry.order, entry.code)))

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A periodic task as shipped; an operator may switch it off or change its time, and that stands.

    Exactly one of `every` and `crontab` ("minute hour day-of-month month day-of-week", in the project's time zone).
    """

    code: str
    task: str
    description: Text
    every: timedelta | None = None
    crontab: str = ""
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    queue: str = "default"
    order: int = 100

    def __post_init__(self) -> None:
        if (self.every is None) == (not self.crontab):
            raise ImproperlyConfigured(f"Schedule {self.code!r} needs either an interval or a crontab, not both.")
        if self.crontab and len(self.crontab.split()) != CRONTAB_PARTS:
            raise ImproperlyConfigured(f"Schedule {self.code!r}: a crontab has five parts, not {self.crontab!r}.")


@dataclass(frozen=True, kw_only=True)
class PrivacyHandler:
    """How one app gives out and erases what it knows of a subject; both take the subject's id.

    `export` answers plain data (dict of lists of dicts); `erase` answers how many rows it changed, and must be safe
    to repeat; `paths` are the columns by which it finds her, `beside` the tables that it cleans without one;
    `files` gives files that show her, as (name, content).
    Handlers run in their order: what needs her identities comes before `members`, which takes them away.
    """

    code: str
    subject_kind: str
    export: Callable[[int], Mapping[str, Any]]
    erase: Callable[[int], int]
    label: Text = ""
    paths: tuple["PersonPath", ...] = ()
    beside: tuple[str, ...] = ()
    files: Callable[[int], Iterable[tuple[str, bytes]]] | None = None
    order: int = 100


@dataclass(frozen=True)
class PersonPath:
    """A column that leads from a row to a person (`table.column`), and what becomes of the row; `why` if not deleted."""

    place: str
    ending: Ending
    why: Text = ""

    def __post_init__(self) -> None:
        if self.place.count(".") != 1 or (self.ending != Ending.DELETE and not self.why):
            raise ImproperlyConfigured(
                f"{self.place!r}: a path is table.column, and what is not deleted needs a reason."
            )

    @property
    def table(self) -> str:
        return self.place.partition(".")[0]

    @property
    def column(self) -> str:
        return self.place.partition(".")[2]


@dataclass(frozen=True, kw_only=True)
class ClassifiedTable:
    """One table of the database (`code` is its name) and the class of each of its columns."""

    code: str
    columns: Mapping[str, DataClass]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a role may do in one app: permission codenames in Django's form, `app_label.codename`."""

    code: str
    role: str
    permissions: frozenset[str]
    order: int = 100

    def __post_init__(self) -> None:
        wrong = sorted(name for name in self.permissions if name.count(".") != 1)
        if wrong:
            raise ImproperlyConfigured(f"Grant {self.code!r}: permissions look like app_label.codename, not {wrong}.")


@dataclass(frozen=True, kw_only=True)
class Act:
    """What the record of acts calls an act of that code (`members.create`): a few words, as said of somebody."""

    code: str
    words: Text
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class ChangeWords:
    """What the record of acts calls a change that is no field of its object, and how its values read.

    `code` is that of the act and the name of the change: `members.create.place`.
    """

    code: str
    words: Text
    say: Callable[[str], str] = str
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """One line of the sidebar; seen by those who hold `permission` (empty: everyone signed in)."""

    code: str
    group: str
    title: Text
    url_name: str
    icon: str
    permission: str = ""
    order: int = 100
    badge: Callable[[HttpRequest], str | int | None] | None = None


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """Something that waits for this person: `state` is `act`, `watch` or `busy`; `act` names the link to `url`."""

    state: str
    title: Text
    url: str
    act: Text
    detail: Text = ""


@dataclass(frozen=True, kw_only=True)
class WorkSource:
    """Where the page "Today" asks one app what needs this user now; answers the most urgent first."""

    code: str
    items: Callable[[Any, datetime], Iterable[WorkItem]]
    permission: str = ""
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class ApiScope:
    """What a key of a program may be given, as `members:read`; `sentence` says to a marketer what it opens."""

    code: str
    sentence: Text
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Purge:
    """Data that are kept for `days` unless the brand says otherwise, and how what is older goes.

    `count(before, held)` and `purge(before, held, batch)` answer rows; rows of the members `held` stay. A purge that
    takes whole persons is shipped switched off (`active`).
    """

    code: str
    label: Text
    days: int
    count: Callable[[datetime, Sequence[int]], int]
    purge: Callable[[datetime, Sequence[int], int], int]
    active: bool = True
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What may not be done before its effect on people has been assessed; `why` in a sentence, `article` of the law.

    `daily`: the product's own work waits for it, so that it is asked for; the others wait until somebody wants them.
    Every door to it calls `core.services.features.require_feature` with this code.
    """

    code: str
    label: Text
    why: Text
    article: Text
    daily: bool = False
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class FeatureGuard:
    """Who decides whether a feature may be used: `refuse(code, now)` raises a ScrmError where it may not."""

    code: str
    refuse: Callable[[str, datetime], None]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class EvidenceItem:
    """One file of the audit pack: `write(now)` answers its rows as of `now`, plain values by column, one row at a time.

    Plain: str, int, float, bool, None, date, datetime, Decimal, and lists or mappings of these. No personal value in
    clear. Every row has the same keys in the same order. `article` says which law or rule asks for it.
    """

    code: str
    label: Text
    article: Text
    write: Callable[[datetime], Iterator[Mapping[str, Any]]]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class KeyWitness:
    """Who keeps what is done to the keys: `note(action, facts, now)`, called in a transaction; no key is among the facts."""

    code: str
    note: Callable[[str, Mapping[str, Any], datetime], None]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """What the people behind one kind of object (`code` is `app.model`) are called: `names(ids)` by number, one or several.

    Free text that outlives a person, such as the reason of an act, is kept without them.
    """

    code: str
    names: Callable[[Iterable[str]], Mapping[str, str | Sequence[str]]]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Verified:
    """How much was looked at, and what is wrong with it: the first few faults as sentences without personal values."""

    looked_at: int
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Something that must hold over all data, such as "a balance is the sum of its entries"; `manage.py verify_all`."""

    code: str
    label: Text
    find: Callable[[], Verified]
    order: int = 100


schedules: Registry[Schedule] = Registry("schedules")
work: Registry[WorkSource] = Registry("work")
health: Registry[WorkSource] = Registry("health")  # the same form; says how a part of the product does, good or not
known_names: Registry[KnownNames] = Registry("known_names")
privacy: Registry[PrivacyHandler] = Registry("privacy")
purges: Registry[Purge] = Registry("purges")
classified: Registry[ClassifiedTable] = Registry("classified tables")
evidence: Registry[EvidenceItem] = Registry("evidence")
verifications: Registry[Verification] = Registry("verifications")
features: Registry[Feature] = Registry("features")
feature_guards: Registry[FeatureGuard] = Registry("feature guards")
key_witnesses: Registry[KeyWitness] = Registry("key witnesses")
grants: Registry[Grant] = Registry("grants")
menu: Registry[MenuEntry] = Registry("menu")
acts: Registry[Act] = Registry("acts")
change_words: Registry[ChangeWords] = Registry("words of changes")
api_scopes: Registry[ApiScope] = Registry("API scopes")


def grant(app_label: str, role: str, *permissions: str) -> Grant:
    """Register what `role` may do in `app_label`; permissions without a dot belong to that app."""
    full = frozenset(name if "." in name else f"{app_label}.{name}" for name in permissions)
    permissions_of.cache_clear()
    return grants.register(Grant(code=f"{app_label}:{role}", role=role, permissions=full))


def api_scope(code: str, sentence: Text) -> ApiScope:
    """Register one scope of the API, beside the grants of the app whose endpoints ask for it."""
    return api_scopes.register(ApiScope(code=code, sentence=sentence))


def classify(
    table: str, *, sensitive: str = "", identifier: str = "", quasi: str = "", behavioural: str = "", none: str = ""
) -> ClassifiedTable:
    """Register the class of every column of a table; each argument names columns, with spaces between them."""
    given = {
        DataClass.SENSITIVE: sensitive,
        DataClass.IDENTIFIER: identifier,
        DataClass.QUASI: quasi,
        DataClass.BEHAVIOURAL: behavioural,
        DataClass.NONE: none,
    }
    named = [(column, data_class) for data_class, columns in given.items() for column in columns.split()]
    columns = dict(named)
    if len(columns) < len(named):
        raise ImproperlyConfigured(f"{table}: a column stands in two classes.")
    return classified.register(ClassifiedTable(code=table, columns=columns))


def name_acts(app: str, **words: Text) -> None:
    """Say what the acts of an app are called; two underscores stand for the dot within a code (`store__change`)."""
    acts.register_all(
        Act(code=f"{app}.{name.replace('__', '.')}", words=said, order=place)
        for place, (name, said) in enumerate(words.items())
    )


@cache
def permissions_of(role: str) -> frozenset[str]:
    """Everything that role may do, over all apps."""
    return frozenset().union(*(entry.permissions for entry in grants if entry.role == role))
