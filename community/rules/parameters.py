"""What the rules of moderation can be told, by kind; read from what was typed or stored, with what is wrong said in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from community.enums.moderation import ViolationKind
from compliance.enums.content import Pack, Severity
from core.errors import Text
from core.rules.whole import whole_in

MOST_LINES, LONGEST_LINE = 500, 40
LONGEST_HOST = 120


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One field of a rule: a `number` (between `least` and `most`), `lines` of text, a `flag`, or some of the `choices`."""

    name: str
    form: str
    label: Text
    least: int = 0
    most: int = 0
    longest: int = LONGEST_LINE
    choices: Sequence[tuple[str, Text]] = ()
    help: Text = ""


PHRASES = Parameter(
    name="phrases",
    form="lines",
    label=pgettext_lazy("moderation", "Phrases"),
    help=gettext_lazy(
        "Found however they are dressed up: spaces, signs, width and traditional characters make no difference."
    ),
)
SPEC: Mapping[str, Sequence[Parameter]] = {
    ViolationKind.LEXICON: (
        Parameter(
            name="severities",
            form="choices",
            label=gettext_lazy("Phrases of the lexicon"),
            choices=[(each.value, each.label) for each in Severity if each != Severity.ALLOW],
        ),
        Parameter(
            name="packs",
            form="choices",
            label=gettext_lazy("Packs of the lexicon"),
            choices=Pack.choices,
            help=gettext_lazy("None chosen: all that are in force."),
        ),
        PHRASES,
    ),
    ViolationKind.AD: (
        PHRASES,
        Parameter(
            name="least",
            form="number",
            label=gettext_lazy("Different phrases in one message, at least"),
            least=1,
            most=10,
        ),
    ),
    ViolationKind.LINK: (
        Parameter(
            name="hosts",
            form="lines",
            label=pgettext_lazy("moderation", "Hosts that are allowed"),
            longest=LONGEST_HOST,
            help=gettext_lazy(
                "What lies below one of them is allowed too. A mini program is written as #小程序://its name."
            ),
        ),
    ),
    ViolationKind.FLOOD: (
        Parameter(
            name="messages",
            form="number",
            label=gettext_lazy("Messages by one participant, at least"),
            least=3,
            most=500,
        ),
        Parameter(name="seconds", form="number", label=gettext_lazy("Within seconds"), least=5, most=3600),
    ),
    ViolationKind.DUPLICATE: (
        Parameter(name="times", form="number", label=gettext_lazy("The same text, times"), least=2, most=100),
        Parameter(name="hours", form="number", label=gettext_lazy("Within hours"), least=1, most=720),
        Parameter(
            name="least_length",
            form="number",
            label=gettext_lazy("Characters of the text, at least"),
            least=1,
            most=500,
            help=gettext_lazy("Short answers such as 收到 are repeated by everybody."),
        ),
    ),
    ViolationKind.POACHING: (
        PHRASES,
        Parameter(name="phones", form="flag", label=gettext_lazy("Mobile numbers")),
        Parameter(name="accounts", form="flag", label=gettext_lazy("WeChat and QQ accounts")),
        Parameter(
            name="hosts",
            form="lines",
            label=pgettext_lazy("moderation", "Hosts behind codes to be scanned"),
            longest=LONGEST_HOST,
        ),
        Parameter(
            name="allowed",
            form="lines",
            label=pgettext_lazy("moderation", "Numbers and accounts of our own"),
        ),
    ),
}
EMPTY: Mapping[str, Any] = {"number": 0, "lines": [], "flag": False, "choices": []}
Faults = dict[str, list[str]]


def read_parameters(kind: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    """Values for every parameter of the kind, and what cannot be read; a number may come as text, lines as one text."""
    values: dict[str, Any] = {}
    faults: Faults = {}
    for parameter in SPEC[kind]:
        raw = given.get(parameter.name, EMPTY[parameter.form])
        value, fault = READERS[parameter.form](parameter, raw)
        values[parameter.name] = value
        if fault:
            faults[parameter.name] = [fault]
    if not faults:
        faults = _nothing_to_find(kind, values)
    return values, faults


def _number(parameter: Parameter, raw: Any) -> tuple[int, str]:
    text = str(raw).strip()
    number = whole_in(text, least=parameter.least, most=parameter.most)
    if number is not None:
        return number, ""
    limits = {"least": parameter.least, "most": parameter.most}
    return parameter.least, _("A whole number from %(least)d to %(most)d is expected.") % limits


def _lines(parameter: Parameter, raw: Any) -> tuple[list[str], str]:
    pieces = raw.splitlines() if isinstance(raw, str) else list(raw)
    lines = list(dict.fromkeys(piece.replace("\x00", "").strip() for piece in pieces))
    lines = [line for line in lines if line]
    if len(lines) > MOST_LINES:
        return lines, _("At most %(most)d lines are expected.") % {"most": MOST_LINES}
    long = next((line for line in lines if len(line) > parameter.longest), None)
    if long is not None:
        words = {"line": long[:20], "most": parameter.longest}
        return lines, _("“%(line)s…” is longer than %(most)d characters.") % words
    return lines, ""


def _flag(_parameter: Parameter, raw: Any) -> tuple[bool, str]:
    return raw is True or str(raw).lower() in {"1", "on", "true"}, ""


def _choices(parameter: Parameter, raw: Any) -> tuple[list[str], str]:
    known = [code for code, _label in parameter.choices]
    chosen = [raw] if isinstance(raw, str) else list(raw)
    return [code for code in known if code in chosen], ""


def _nothing_to_find(kind: str, values: Mapping[str, Any]) -> Faults:
    """A rule that can find nothing is a mistake."""
    looks = {
        ViolationKind.LEXICON: ("severities", "phrases"),
        ViolationKind.AD: ("phrases",),
        ViolationKind.POACHING: ("phrases", "phones", "accounts", "hosts"),
    }.get(ViolationKind(kind), ())
    if looks and not any(values[name] for name in looks):
        return {looks[0]: [_("Such a rule would find nothing. Name at least one thing that it looks for.")]}
    return {}


READERS = {"number": _number, "lines": _lines, "flag": _flag, "choices": _choices}
