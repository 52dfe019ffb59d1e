"""The lexicon in force, its versions, and what it finds in a text."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Length

from compliance.enums.content import Pack, Severity
from compliance.models import LexiconEntry, LexiconVersion
from compliance.models.lexicon import CONTENT, LexiconEntryQuerySet
from compliance.rules.folding import Folding, folded
from compliance.rules.scanner import Scanner, Term

KEPT_SCANNERS = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase where it stands: `text[start:end]` of the text that was checked, in characters."""

    start: int
    end: int
    text: str
    key: str
    phrase: str
    severity: str
    pack: str
    law: str
    suggestion: str
    note: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What one version of the lexicon finds in one text; nothing overlaps, in the order of the text."""

    version: int
    found: tuple[Found, ...]

    @property
    def blocks(self) -> list[Found]:
        return [each for each in self.found if each.severity == Severity.BLOCK]

    @property
    def warnings(self) -> list[Found]:
        return [each for each in self.found if each.severity == Severity.WARN]


class Lexicon:
    """One version, ready to check texts; built once per process and version (some 50 ms for 1,000 phrases)."""

    def __init__(self, version: LexiconVersion) -> None:
        self.number = version.number
        entries = LexiconEntry.objects.in_version(version.number).filter(pack__in=version.packs)
        self._entries = list(entries.values("key", *CONTENT).order_by("pack", "key"))
        terms = (Term(entry["key"], entry["severity"], place) for place, entry in enumerate(self._entries))
        self._scanner = Scanner(terms)

    def check(self, text: str, folding: Folding | None = None) -> Checked:
        found = []
        for hit in self._scanner.scan(text, folding):
            entry = self._entries[hit.term.number]
            found.append(Found(start=hit.start, end=hit.end, text=text[hit.start : hit.end], **entry))
        return Checked(self.number, tuple(found))


def latest_version() -> LexiconVersion:
    """Raises LexiconVersion.DoesNotExist before the shipped lexicon is loaded, which a migration does."""
    return LexiconVersion.objects.select_related("by").latest("number")


def current_lexicon() -> Lexicon:
    """One small query to learn which version is in force; the rest is kept."""
    version = latest_version()
    return _lexicon(version.number, version.digest)


def check_text(text: str, folding: Folding | None = None) -> Checked:
    return current_lexicon().check(text, folding)


@lru_cache(maxsize=KEPT_SCANNERS)
def _lexicon(number: int, digest: str) -> Lexicon:
    return Lexicon(LexiconVersion.objects.get(number=number, digest=digest))


def digest_of(entries: Iterable[Sequence[str]], packs: Iterable[str]) -> str:
    """SHA-256 over the packs and every phrase with all that is said of it, in a fixed order."""
    content = [sorted(packs), sorted(list(entry) for entry in entries)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def search_entries(*, words: str = "", pack: str = "", severity: str = "") -> LexiconEntryQuerySet:
    """Phrases in force, the forbidden ones first; words are looked for in phrase, law, lawful wording and note."""
    entries = LexiconEntry.objects.current()
    if pack in Pack.values:
        entries = entries.filter(pack=pack)
    if severity in Severity.values:
        entries = entries.filter(severity=severity)
    if words:
        said = Q(law__icontains=words) | Q(suggestion__icontains=words) | Q(note__icontains=words)
        key = folded(words)
        entries = entries.filter(said | (Q(key__contains=key) if key else Q(phrase__icontains=words)))
    ranks = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.ALLOW: 2}
    whens = [When(severity=severity, then=Value(rank)) for severity, rank in ranks.items()]
    ordered = entries.annotate(rank=Case(*whens, output_field=IntegerField()))
    return ordered.order_by("rank", Length("phrase"), "phrase", "pk")


@dataclass(frozen=True)
class Difference:
    """What version `after` has that `before` has not, and the other way round; changed ones as (old, new)."""

    added: list[LexiconEntry]
    removed: list[LexiconEntry]
    changed: list[tuple[LexiconEntry, LexiconEntry]]
    packs_on: list[str]
    packs_off: list[str]


def difference(before: LexiconVersion, after: LexiconVersion) -> Difference:
    """From one version to a later one; one statement for each side, whatever lies between."""
    alive = LexiconEntry.objects.all()
    new = alive.in_version(after.number).filter(since__gt=before.number)
    old = alive.in_version(before.number).filter(until__lte=after.number)
    news = {(entry.pack, entry.key): entry for entry in new.order_by("pack", "phrase")}
    olds = {(entry.pack, entry.key): entry for entry in old.order_by("pack", "phrase")}
    both = [place for place in news if place in olds]
    return Difference(
        added=[entry for place, entry in news.items() if place not in olds],
        removed=[entry for place, entry in olds.items() if place not in news],
        changed=[(olds[place], news[place]) for place in both if olds[place].content != news[place].content],
        packs_on=[pack for pack in after.packs if pack not in before.packs],
        packs_off=[pack for pack in before.packs if pack not in after.packs],
    )
