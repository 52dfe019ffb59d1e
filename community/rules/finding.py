"""What the rules find in texts: each phrase, link and contact once, whatever number of rules asks for it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from community.enums.moderation import ViolationKind
from community.rules.contacts import accounts_in, may_hold, phones_in
from community.rules.joining import Joined, Part, Place
from community.rules.links import leads_to, links_in
from community.rules.links import may_hold as may_hold_links
from compliance.enums.content import Severity
from compliance.rules.folding import Folding, fold, folded, text_of
from compliance.rules.scanner import Scanner, Term

AROUND, LONGEST_EXCERPT = 24, 160


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that reads texts; `parameters` as `rules.parameters` reads them."""

    number: int
    kind: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """`texts[text][start:end]` is what that rule does not want."""

    text: int
    rule: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    """A phrase of the lexicon in a text: `start` and `end` in the long text."""

    start: int
    end: int
    severity: str
    pack: str


Check = Callable[[str, Folding], Iterable[Word]]


class Reader:
    """All rules that read, made ready once for many batches; `check` finds the phrases of the lexicon in a text."""

    def __init__(self, rules: Sequence[Rule], check: Check) -> None:
        self._rules = rules
        self._check = check
        wanted = [(phrase, rule) for rule in rules for phrase in rule.parameters.get("phrases", ())]
        self._owners: dict[str, list[Rule]] = defaultdict(list)
        for phrase, rule in wanted:
            key = folded(phrase)
            if key and rule not in self._owners[key]:
                self._owners[key].append(rule)
        self._scanner = Scanner(Term(key, Severity.BLOCK, number) for number, key in enumerate(self._owners))

    def find(self, texts: Sequence[str]) -> list[Finding]:
        """At most one finding for each rule and text, the first of it."""
        joined = Joined(texts)
        folding = fold(joined.text)
        found = [*self._lexicon(joined, folding), *self._phrases(joined, folding)]
        found += [*self._links(joined), *self._contacts(joined, folding)]
        first: dict[tuple[int, int], Finding] = {}
        for each in sorted(found, key=lambda each: (each.text, each.rule, each.start)):
            first.setdefault((each.text, each.rule), each)
        return list(first.values())

    def _of(self, kind: str) -> list[Rule]:
        return [rule for rule in self._rules if rule.kind == kind]

    def _lexicon(self, joined: Joined, folding: Folding) -> Iterator[Finding]:
        rules = [rule for rule in self._of(ViolationKind.LEXICON) if rule.parameters["severities"]]
        words = list(self._check(joined.text, folding)) if rules else []
        for word, place in zip(words, joined.places((word.start, word.end) for word in words), strict=True):
            for rule in rules:
                packs = rule.parameters["packs"]
                if word.severity in rule.parameters["severities"] and (not packs or word.pack in packs):
                    yield _finding(rule, place)

    def _phrases(self, joined: Joined, folding: Folding) -> Iterator[Finding]:
        hits = self._scanner.scan(joined.text, folding) if len(self._scanner) else []
        seen: dict[tuple[int, int], dict[str, Place]] = defaultdict(dict)
        for hit, place in zip(hits, joined.places((hit.start, hit.end) for hit in hits), strict=True):
            for rule in self._owners[hit.term.key]:
                seen[place.text, rule.number].setdefault(hit.term.key, place)
        least = {rule.number: rule.parameters.get("least", 1) for rule in self._rules}
        for (text, number), places in seen.items():
            if len(places) >= least[number]:
                place = next(iter(places.values()))
                yield Finding(text, number, place.start, place.end)

    def _links(self, joined: Joined) -> Iterator[Finding]:
        """A host behind codes to be scanned is the business of poaching alone."""
        allowing, poaching = self._of(ViolationKind.LINK), self._of(ViolationKind.POACHING)
        if not allowing and not poaching:
            return
        part = Part(joined.texts, joined.with_any(may_hold_links()))
        links = list(links_in(part.text))
        for link, place in zip(links, part.places((link.start, link.end) for link in links), strict=True):
            codes = [rule for rule in poaching if leads_to(link.host, rule.parameters["hosts"])]
            yield from (_finding(rule, place) for rule in codes)
            if not codes:
                strange = [rule for rule in allowing if not leads_to(link.host, rule.parameters["hosts"])]
                yield from (_finding(rule, place) for rule in strange)

    def _contacts(self, joined: Joined, folding: Folding) -> Iterator[Finding]:
        rules = self._of(ViolationKind.POACHING)
        phones = [rule for rule in rules if rule.parameters["phones"]]
        accounts = [rule for rule in rules if rule.parameters["accounts"]]
        if not phones and not accounts:
            return
        points, origins = folding
        for asking, places, search in zip((phones, accounts), may_hold(points), (phones_in, accounts_in), strict=True):
            if asking and len(places):
                texts = np.unique(joined.texts_at(origins[places])).tolist()
                yield from _unknown(asking, Part(joined.texts, texts), search)


def _unknown(
    rules: Sequence[Rule], part: Part, search: Callable[[str], Iterator[tuple[int, int]]]
) -> Iterator[Finding]:
    """Contacts that are not the brand's own."""
    points, origins = fold(part.text)
    plain = text_of(points)
    spans = list(search(plain))
    ends = [(int(origins[start]), int(origins[end - 1]) + 1) for start, end in spans]
    for (start, end), place in zip(spans, part.places(ends), strict=True):
        for rule in rules:
            own = [folded(each) for each in rule.parameters["allowed"]]
            if not any(each and each in plain[start:end] for each in own):
                yield _finding(rule, place)


def _finding(rule: Rule, place: Place) -> Finding:
    return Finding(place.text, rule.number, place.start, place.end)


def excerpt(text: str, start: int, end: int) -> str:
    """What was found with a little around it, on one line; … where something is left out."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND, max(0, start - AROUND) + LONGEST_EXCERPT)
    words = " ".join(text[first:last].replace("\x00", "").split())
    return f"{'…' if first else ''}{words}{'…' if last < len(text) else ''}"
