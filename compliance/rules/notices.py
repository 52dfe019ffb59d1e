"""What a notice must say (PIPL Art. 17, 24, 30, 31; 网络数据安全管理条例 Art. 21), and the one way to fingerprint it."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.errors import Text

LANGUAGES = ("zh-hans", "en")
#: The text that binds; the other languages are translations of it.
BINDING = "zh-hans"
#: Cells of one line of a list.
BAR = re.compile(r"\s*[｜|]\s*")
#: What a brand has to fill in.
OPEN = re.compile(r"【[^】]*】|\[\[[^\]]*\]\]")
NOTHING = frozenset({"无", "none"})

Blocks = Mapping[str, str]
Texts = Mapping[str, Blocks]


@dataclass(frozen=True, kw_only=True)
class Block:
    """One part of a notice. `columns`: it is a list, one line each, the cells parted by ｜ (条例 Art. 21 ¶2: 清单)."""

    code: str
    title: Text
    law: str
    help: Text
    columns: tuple[Text, ...] = ()
    may_be_none: bool = False


BLOCKS = (
    Block(
        code="controller",
        title=_("Who we are and how to reach us"),
        law="PIPL 17(1)",
        help=_("Name and contact of the company and of the officer in charge."),
    ),
    Block(
        code="collected",
        title=_("What we collect"),
        law="PIPL 17(2) · 条例 21",
        help=_("One line each: kind of data ｜ purpose ｜ method ｜ how long."),
        columns=(_("kind of data"), _("purpose"), _("method"), _("how long")),
    ),
    Block(
        code="retention",
        title=_("How long we keep it, and what happens then"),
        law="PIPL 17(2), 19 · 条例 21",
        help=_("The rule by which the time is found, and the deletion after it."),
    ),
    Block(
        code="recipients",
        title=_("To whom we provide it"),
        law="PIPL 23 · 条例 21",
        help=_("One line each: recipient ｜ purpose ｜ method ｜ kind of data. If there is none, write “none”."),
        columns=(_("recipient"), _("purpose"), _("method"), _("kind of data")),
        may_be_none=True,
    ),
    Block(
        code="sensitive",
        title=_("Sensitive data"),
        law="PIPL 29, 30",
        help=_("Which, why they are necessary, and what it means for the person; or that there are none."),
    ),
    Block(
        code="automated",
        title=_("Personalised content and automated decisions"),
        law="PIPL 24 · 条例 42",
        help=_("That it takes place, how to switch it off, how to get an explanation."),
    ),
    Block(
        code="rights",
        title=_("Your rights and how to use them"),
        law="PIPL 17(3), 44–50 · 条例 21",
        help=_("Know, copy, correct, delete, restrict, withdraw, close the account, complain: each with its way."),
    ),
    Block(
        code="minors",
        title=_("Minors"),
        law="PIPL 31 · 未成年人网络保护条例",
        help=_("The rule for those under 14 and under 18, and the guardian's part."),
    ),
    Block(
        code="changes",
        title=_("How we tell you of changes"),
        law="PIPL 14, 17 ¶2",
        help=_("That a change of purpose, method or kind of data is told, and consent asked for anew."),
    ),
)
CODES = tuple(block.code for block in BLOCKS)


@dataclass(frozen=True)
class Lack:
    """What keeps a notice from being published: which block in which language, and why (missing, list, open)."""

    language: str
    block: str
    why: str


def clean_texts(texts: Texts) -> dict[str, dict[str, str]]:
    """Known languages and blocks only, with one spelling of line ends and spaces."""
    return {
        language: {code: _clean(texts[language].get(code, "")) for code in CODES}
        for language in LANGUAGES
        if language in texts and any(texts[language].get(code, "").strip() for code in CODES)
    }


def lacks_of(texts: Texts) -> list[Lack]:
    """Everything that is missing: the binding language always, another one as soon as it says anything."""
    cleaned = clean_texts(texts)
    languages = [BINDING, *(language for language in cleaned if language != BINDING)]
    found = []
    for language in languages:
        for block in BLOCKS:
            why = _why_not(block, cleaned.get(language, {}).get(block.code, ""))
            if why:
                found.append(Lack(language, block.code, why))
    return found


def _why_not(block: Block, text: str) -> str:
    if not text:
        return "missing"
    if OPEN.search(text):
        return "open"
    if block.columns and not (block.may_be_none and text.lower() in NOTHING):
        return "" if all(len(line) == len(block.columns) and all(line) for line in rows_of(text)) else "list"
    return ""


def rows_of(text: str) -> list[list[str]]:
    """The lines of a list, cell by cell."""
    return [BAR.split(line.strip()) for line in text.split("\n") if line.strip()]


def language_hash(*, code: str, number: int, language: str, blocks: Blocks) -> str:
    """SHA-256 over the canonical content of one language: JSON, sorted keys, UTF-8, no spaces."""
    content = {"code": code, "version": number, "language": language, "blocks": dict(blocks)}
    plain = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def hashes_of(*, code: str, number: int, texts: Texts) -> tuple[str, dict[str, str]]:
    """The fingerprint of the whole, and of each language."""
    cleaned = clean_texts(texts)
    each = {
        language: language_hash(code=code, number=number, language=language, blocks=blocks)
        for language, blocks in sorted(cleaned.items())
    }
    whole = hashlib.sha256("\n".join(f"{language}:{digest}" for language, digest in each.items()).encode())
    return whole.hexdigest(), each


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()
