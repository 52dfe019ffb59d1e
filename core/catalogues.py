"""Words of the interface and their Simplified Chinese: found in the sources, compared with the catalogues, compiled.

The machine needs no gettext: Babel reads, writes and compiles. A word is a (context, English) pair. The Chinese of a
word may stand in any of our catalogues, and is the same wherever it stands twice: one thing has one name.
"""

import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

LOCALE = "zh_Hans"
PO = Path("locale") / LOCALE / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0\- +]*[\d.]*[sdifrxge]|(?<!\{)\{\w*(?:[.!:][^{}]*)?\}(?!\})|%%")
_SKIPPED = frozenset({"migrations", "static", "__pycache__", "locale", "contrib", "authtoken", "schemas"})

Word = tuple[str | None, str]


@dataclass(frozen=True)
class Use:
    """Where a word stands; `plural` is its English plural, if it has one."""

    path: Path
    line: int
    plural: str | None = None


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the words, and where."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def words_in(folder: Path) -> dict[Word, Use]:
    """Every word marked for translation in the Python files and templates under a folder, with its first place."""
    found: dict[Word, Use] = {}
    for path in _sources(folder):
        for word, use in _words_of(path):
            found.setdefault(word, use)
    return found


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and _SKIPPED.isdisjoint(path.relative_to(folder).parts):
            yield path


def _words_of(path: Path) -> Iterator[tuple[Word, Use]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What is no word became XXX; the indentation left over would be a syntax error.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    for line, message, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
        parts = (message,) if isinstance(message, str) else message
        if parts and parts[0]:
            yield (context, parts[0]), Use(path, line, parts[1] if len(parts) > 1 else None)


def read_catalogue(path: Path) -> Catalog:
    """An empty catalogue where there is no file."""
    if not path.exists():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def compiled_words(folder: Path) -> set[Word]:
    """The words that an installed package has Chinese for; packages often carry the compiled file alone."""
    path = (folder / PO).with_suffix(".mo")
    if not path.exists():
        return set()
    with path.open("rb") as file:
        return {word for word, message in messages_of(read_mo(file)).items() if chinese(message)}


def messages_of(catalogue: Catalog) -> dict[Word, Message]:
    return {(message.context, _english(message)): message for message in catalogue if message.id}


def chinese(message: Message) -> str:
    """Its one form: Chinese knows no plural."""
    text = message.string
    return text if isinstance(text, str) else (text[0] if text else "")


def check(
    used: Mapping[str, Mapping[Word, Use]],
    catalogues: Mapping[str, Catalog],
    *,
    foreign: Mapping[Word, Use],
    elsewhere: AbstractSet[Word] = frozenset(),
) -> list[Fault]:
    """Everything that is wrong: words without Chinese, Chinese without a use, doubtful or differing Chinese.

    `used` are our own words by app, `foreign` those of other packages; of these, words that have Chinese `elsewhere`
    (in the package or in Django) need none here, but may have a better one.
    """
    ours = {word: use for words in used.values() for word, use in words.items()}
    usable = {**foreign, **ours}
    needed = {word: use for word, use in usable.items() if word in ours or word not in elsewhere}
    known: dict[Word, tuple[str, str]] = {}
    faults: list[Fault] = []
    for app, catalogue in catalogues.items():
        faults += [Fault(app, f"{_shown(word)} is kept as obsolete") for word in _obsolete(catalogue)]
        for word, message in messages_of(catalogue).items():
            faults += _message_faults(app, word, message, usable.get(word))
            first = known.setdefault(word, (app, chinese(message)))
            if first[1] != chinese(message):
                faults.append(Fault(app, f"{_shown(word)} is {chinese(message)!r} here and {first[1]!r} in {first[0]}"))
    missing = [(word, use) for word, use in needed.items() if word not in known]
    return faults + [Fault(f"{use.path}:{use.line}", f"{_shown(word)} has no Chinese") for word, use in missing]


def _message_faults(app: str, word: Word, message: Message, use: Use | None) -> Iterator[Fault]:
    if message.fuzzy:
        yield Fault(app, f"{_shown(word)} is fuzzy")
    if not chinese(message).strip():
        yield Fault(app, f"{_shown(word)} has no Chinese")
    elif not _same_placeholders(message):
        yield Fault(app, f"{_shown(word)} and {chinese(message)!r} differ in their placeholders")
    if use is None:
        yield Fault(app, f"{_shown(word)} is used nowhere")
    elif (use.plural is not None) != isinstance(message.id, list | tuple):
        yield Fault(app, f"{_shown(word)}: the plural is in one of source and catalogue only")


def _obsolete(catalogue: Catalog) -> list[Word]:
    return [(message.context, _english(message)) for message in catalogue.obsolete.values()]


def _same_placeholders(message: Message) -> bool:
    """The plural's placeholders count where there is one: "One row" may well become "%(n)d 行"."""
    english = message.id if isinstance(message.id, str) else message.id[-1]
    return sorted(_PLACEHOLDER.findall(english)) == sorted(_PLACEHOLDER.findall(chinese(message)))


def stubs(words: Iterable[tuple[Word, Use]], root: Path) -> str:
    """Entries to fill in and append to a catalogue."""
    lines: list[str] = []
    for (context, english), use in words:
        lines.append(f"#: {use.path.relative_to(root) if use.path.is_relative_to(root) else use.path.name}")
        lines += [f"msgctxt {_quoted(context)}"] if context else []
        lines.append(f"msgid {_quoted(english)}")
        lines += [f"msgid_plural {_quoted(use.plural)}", 'msgstr[0] ""'] if use.plural else ['msgstr ""']
        lines.append("")
    return "\n".join(lines)


def compile_catalogue(path: Path) -> bool:
    """Write the .mo beside the .po unless it is newer; say whether it was written."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
        return False
    temporary = target.with_suffix(f".{os.getpid()}.new")
    with temporary.open("wb") as file:
        write_mo(file, read_catalogue(path))
    temporary.replace(target)
    return True


def _english(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _shown(word: Word) -> str:
    context, english = word
    return f"{english!r} ({context})" if context else repr(english)
