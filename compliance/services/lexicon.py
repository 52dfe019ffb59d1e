"""Changing the lexicon: each change ends rows, begins rows, and makes one version with who and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from compliance.enums.content import Pack, Severity
from compliance.errors.content import LexiconMoved, LexiconNotChanged
from compliance.models import LexiconEntry, LexiconVersion
from compliance.models.lexicon import CONTENT, LONGEST_PHRASE
from compliance.rules.folding import folded
from compliance.selectors.lexicon import digest_of

LOCK = 0x1E81C0  # one change at a time; versions cannot be locked as rows, for they are evidence
SHORTEST_KEY = 2
ALWAYS_ON = (Pack.STATUTORY.value,)
# Found in half of all texts, without saying anything of a product.
TOO_GENERAL = frozenset({"第一", "最", "之一", "100", "国家", "我们", "产品"})
LIMITS = {"phrase": LONGEST_PHRASE, "law": 200, "suggestion": 300, "note": 300}
AUDITED = 20


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What a file changed."""

    version: LexiconVersion | None
    added: int
    changed: int
    same: int
    removed: int


@transaction.atomic
def save_entry(
    *, values: Mapping[str, str], reason: str, by: User | None, now: datetime, entry: LexiconEntry | None = None
) -> LexiconVersion:
    """Add a phrase, or change `entry`. Raises LexiconNotChanged, or LexiconMoved if the entry is no longer in force."""
    content = _checked(values)
    _lock()
    ended = [_in_force(entry)] if entry else []
    same = LexiconEntry.objects.current().filter(pack=content["pack"], key=folded(content["phrase"]))
    if same.exclude(pk__in=[old.pk for old in ended]).exists():
        raise LexiconNotChanged(fields={"phrase": [_("This pack has the phrase already.")]})
    if ended and ended[0].content == content:
        raise LexiconNotChanged(fields={"phrase": [_("Nothing was changed.")]})
    return _new_version(end=ended, begin=[content], reason=reason, by=by, now=now)


@transaction.atomic
def retire_entry(*, entry: LexiconEntry, reason: str, by: User | None, now: datetime) -> LexiconVersion:
    """From now on the phrase is not looked for; earlier versions keep it."""
    _lock()
    return _new_version(end=[_in_force(entry)], begin=[], reason=reason, by=by, now=now)


@transaction.atomic
def switch_packs(*, packs: Collection[str], reason: str, by: User | None, now: datetime) -> LexiconVersion:
    """Exactly these packs are looked for; the statutory one always is."""
    _lock()
    wanted = sorted({*packs, *ALWAYS_ON} & set(Pack.values))
    if wanted == sorted(_latest().packs):
        raise LexiconNotChanged(_("These packs are switched on already."))
    return _new_version(end=[], begin=[], packs=wanted, reason=reason, by=by, now=now)


@transaction.atomic
def import_entries(
    *, rows: Iterable[Mapping[str, str]], replace: bool, reason: str, by: User | None, now: datetime
) -> Imported:
    """All rows or none, as one version; `replace` also ends the phrases of the file's packs that it does not hold.

    Raises LexiconNotChanged with the first faults, each with its row (the heading is row 1).
    """
    wanted = _without_faults(rows)
    _lock()
    packs = {pack for pack, _key in wanted}
    present = {(entry.pack, entry.key): entry for entry in LexiconEntry.objects.current().filter(pack__in=packs)}
    differing = [place for place in wanted if place in present and present[place].content != wanted[place]]
    gone = [present[place] for place in present if place not in wanted] if replace else []
    begin = [content for place, content in wanted.items() if place not in present or place in differing]
    end = [*(present[place] for place in differing), *gone]
    version = _new_version(end=end, begin=begin, reason=reason, by=by, now=now) if begin or end else None
    added = len(begin) - len(differing)
    return Imported(
        version=version,
        added=added,
        changed=len(differing),
        same=len(wanted) - len(begin),
        removed=len(gone),
    )


def _without_faults(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], dict[str, str]]:
    wanted: dict[tuple[str, str], dict[str, str]] = {}
    faults: list[str] = []
    for number, row in enumerate(rows, 2):
        try:
            content = _checked(row)
        except LexiconNotChanged as refused:
            said = " ".join(str(text) for texts in refused.fields.values() for text in texts)
            faults.append(_("Row %(row)d: %(fault)s") % {"row": number, "fault": said})
            continue
        wanted.setdefault((content["pack"], folded(content["phrase"])), content)
    if faults or not wanted:
        raise LexiconNotChanged(fields={"file": faults[:AUDITED] or [_("The file holds no phrases.")]})
    return wanted


def _checked(values: Mapping[str, str]) -> dict[str, str]:
    """Every field of an entry, trimmed. Raises LexiconNotChanged."""
    content = {name: str(values.get(name, "")).strip() for name in CONTENT}
    faults: dict[str, Sequence[str]] = {}
    key = folded(content["phrase"])
    if len(key) < SHORTEST_KEY or key in TOO_GENERAL:
        faults["phrase"] = [_("The phrase is too general: it would be found in harmless texts. Write more of it.")]
    for name, limit in LIMITS.items():
        if len(content[name]) > limit or "\x00" in content[name]:
            faults[name] = [_("At most %(limit)d characters.") % {"limit": limit}]
    if content["pack"] not in Pack.values:
        faults["pack"] = [_("Choose a pack.")]
    if content["severity"] not in Severity.values:
        faults["severity"] = [_("Choose what the phrase does.")]
    if content["severity"] != Severity.ALLOW and not (content["law"] or content["note"]):
        faults["law"] = [_("Name the law, or say in the note why.")]
    if faults:
        raise LexiconNotChanged(fields=faults)
    return content


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _latest() -> LexiconVersion:
    return LexiconVersion.objects.latest("number")


def _in_force(entry: LexiconEntry) -> LexiconEntry:
    found = LexiconEntry.objects.current().filter(pk=entry.pk).first()
    if found is None:
        raise LexiconMoved
    return found


def _new_version(
    *,
    end: Sequence[LexiconEntry],
    begin: Sequence[Mapping[str, str]],
    reason: str,
    by: User | None,
    now: datetime,
    packs: list[str] | None = None,
) -> LexiconVersion:
    if not reason.strip():
        raise LexiconNotChanged(fields={"reason": [_("Say why; it stands beside the version.")]})
    before = _latest()
    number = before.number + 1
    LexiconEntry.objects.filter(pk__in=[entry.pk for entry in end]).update(until=number)
    LexiconEntry.objects.bulk_create(
        [LexiconEntry(**content, key=folded(content["phrase"]), since=number) for content in begin], batch_size=2_000
    )
    rows = list(LexiconEntry.objects.current().values_list(*CONTENT))
    chosen = before.packs if packs is None else packs
    version = LexiconVersion.objects.create(
        number=number,
        packs=chosen,
        reason=reason.strip()[:300],
        by=by,
        at=now,
        added=len(begin),
        removed=len(end),
        entries=len(rows),
        digest=digest_of(rows, chosen),
    )
    changes = _changes(end, begin, before.packs, chosen)
    record(by=by, action="compliance.change_lexicon", obj=version, reason=reason, changes=changes, at=now)
    return version


def _changes(
    end: Sequence[LexiconEntry], begin: Sequence[Mapping[str, str]], before: list[str], packs: list[str]
) -> dict[str, list[Any]]:
    """The first phrases by name; all of them stand in the version."""
    changes: dict[str, list[Any]] = {}
    if end or begin:
        gone, come = [entry.phrase for entry in end[:AUDITED]], [content["phrase"] for content in begin[:AUDITED]]
        changes["phrases"] = [gone, come]
        changes["count"] = [len(end), len(begin)]
    if before != packs:
        changes["packs"] = [before, packs]
    return changes
