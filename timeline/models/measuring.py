"""What can be measured about members, open to every app: sources of facts, the facts in them, and slices of members.

An app registers its own beside its models, in `models/`. Whoever measures (the dashboards) stages each source once for a
stretch of days, and every fact is then a small sum over its rows; so a fact is always one number per member, and the
number of a slice is the sum over its members. All SQL stands in code and takes its values as parameters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from core.errors import Text
from core.registries import Registry


@dataclass(frozen=True, kw_only=True)
class FactSource:
    """Rows by member and local day.

    `rows`: a SELECT with `member_id` (NULL for somebody unknown), `day` and what its facts sum up, for the days
    `%(first)s` to `%(last)s`, both included; `%(zone)s` is the brand's time zone. A row's day is the day on which it can
    be told: what takes a week to show stands a week later (`delay` days). `since`: a SELECT of the first day of which it
    can tell anything, NULL without any. `needs`: other sources that `rows` reads as `{code}`, from `reach` days earlier
    on, with the column `owner` (the member, or the one into whom she was merged) beside theirs. One without `rows` brings
    together all those of the sources that it needs, owner and day alone; it is not `stored` by itself.

    `parts`: kinds of slices → the column that says to which of them the row itself belongs, whoever its member is: what
    was said in a group is that group's. Of every other kind a row belongs where its member does. Rows of a `lasting`
    source hold from `day` until the day before `until` (NULL: still), and its facts are those of the window's last day.

    `watched`: what it tells of the past may change, and no fact of a member says so. Its days are compared each night.
    """

    code: str
    since: str
    rows: str = ""
    needs: tuple[str, ...] = ()
    reach: int = 0
    delay: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = False
    watched: bool = False
    order: int = 100

    @property
    def stored(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that formulas may name: `label` stands in a sentence ("net revenue"), `words` say how it is counted.

    `value`: an aggregate over the rows of one member in the window, 0 where nothing counts. A fact that `lacks` something
    cannot be counted yet, and the text says why. Where the fact `beside` it is above 0, a figure of everybody is partial:
    what people did who are not known is left out.
    """

    code: str
    label: Text
    words: Text
    source: str = ""
    value: str = ""
    unit: str = ""
    lacks: Text = ""
    beside: str = ""
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class MemberSlice:
    """A kind of groups of members by which figures are split, such as stores or tiers.

    `choices(user)`: identifier → name of those whose figures she may see. `members`: a SELECT of `slice_id` (text) and
    `member_id` as of the end of the day `%(day)s`; `%(end)s` is the midnight after it. Where nobody knows who belonged
    to it earlier, it is measured on the latest day alone, by `members_now`: identifier → a SELECT of `member_id`, and
    its values by place. A member is in one of a `single` kind at most.
    """

    code: str
    label: Text
    choices: Callable[[User], Mapping[str, str]]
    members: str = ""
    members_now: Callable[[], Mapping[str, tuple[str, list[Any]]]] | None = None
    single: bool = False
    order: int = 100


fact_sources: Registry[FactSource] = Registry("sources of facts")
facts: Registry[Fact] = Registry("facts")
member_slices: Registry[MemberSlice] = Registry("slices of members")
