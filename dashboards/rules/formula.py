"""The language of metrics: names of facts, numbers, + − × ÷ and brackets. Read by hand, nothing is ever executed.

Chinese keyboards are welcome: full-width brackets and signs mean the same. What was read is a tree, which is checked
against the facts that there are, evaluated with their values, and said in words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from difflib import get_close_matches
from typing import TypeAlias

from django.utils.translation import gettext as _

from core.errors import Text
from dashboards.errors import FormulaNotValid

LONGEST, DEEPEST, MOST_DIGITS = 300, 30, 12
WIDE = str.maketrans("（）＋－−×＊÷／．０１２３４５６７８９　", "()+--**//.0123456789 ")
TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>[-+*/()]))")
SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}
Values: TypeAlias = Mapping[str, Decimal]


class NothingToDivide(ArithmeticError):
    """A divisor is 0."""


@dataclass(frozen=True)
class Number:
    value: Decimal


@dataclass(frozen=True)
class Name:
    code: str


@dataclass(frozen=True)
class Minus:
    of: "Node"


@dataclass(frozen=True)
class Pair:
    sign: str
    left: "Node"
    right: "Node"


Node: TypeAlias = Number | Name | Minus | Pair


def read_formula(text: str) -> Node:
    """The formula as a tree. Raises FormulaNotValid with a sentence that names the place."""
    if len(text) > LONGEST:
        raise FormulaNotValid(_("A formula has at most %(most)d characters.") % {"most": LONGEST})
    reading = _Reading(text.translate(WIDE))
    tree = reading.sum(0)
    if reading.part:
        raise FormulaNotValid(_("“%(part)s” does not belong there.") % {"part": reading.part})
    return tree


def check_names(tree: Node, known: Mapping[str, object]) -> None:
    """Raises FormulaNotValid for a fact that nobody counts, with one that is spelled like it."""
    for code in sorted(names_in(tree)):
        if code not in known:
            close = get_close_matches(code, list(known), n=1, cutoff=0.6)
            if close:
                said = _("There is no fact called “%(name)s”. Do you mean “%(close)s”?")
                raise FormulaNotValid(said % {"name": code, "close": close[0]})
            raise FormulaNotValid(_("There is no fact called “%(name)s”.") % {"name": code})
    if not names_in(tree):
        raise FormulaNotValid(_("A formula names at least one fact."))


def names_in(tree: Node) -> set[str]:
    match tree:
        case Number():
            return set()
        case Name(code):
            return {code}
        case Minus(of):
            return names_in(of)
        case Pair(_sign, left, right):
            return names_in(left) | names_in(right)


def evaluate(tree: Node, values: Values) -> Decimal:
    """Its value. Raises NothingToDivide."""
    with localcontext() as context:
        context.prec = 40
        return _value(tree, values)


def in_words(tree: Node, label: Callable[[str], Text], binds: int = 0) -> str:
    """Like “net revenue ÷ members with a fact”; brackets where they are needed."""
    match tree:
        case Number(value):
            return f"{value:f}"
        case Name(code):
            return str(label(code))
        case Minus(of):
            return f"−{in_words(of, label, 3)}"
        case Pair(sign, left, right):
            own = BINDS[sign]
            said = f"{in_words(left, label, own)} {SIGNS[sign]} {in_words(right, label, own + 1)}"
            return f"({said})" if own < binds else said


def _value(tree: Node, values: Values) -> Decimal:
    match tree:
        case Number(value):
            return value
        case Name(code):
            return values[code]
        case Minus(of):
            return -_value(of, values)
        case Pair(sign, left, right):
            return _joined(sign, _value(left, values), _value(right, values))


def _joined(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            if not right:
                raise NothingToDivide
            return left / right


class _Reading:
    """One formula from left to right; `part` is what stands next, empty at the end."""

    def __init__(self, text: str) -> None:
        self._text, self._place = text, 0
        self.part, self._kind = "", ""
        self._next()
        if not self.part:
            raise FormulaNotValid(_("Write a formula, such as revenue / orders."))

    def sum(self, depth: int) -> Node:
        return self._chain("+-", self._product, depth)

    def _product(self, depth: int) -> Node:
        return self._chain("*/", self._single, depth)

    def _chain(self, signs: str, part: Callable[[int], Node], depth: int) -> Node:
        tree = part(depth)
        while self.part and self.part in signs:
            sign = self._take()
            tree = Pair(sign, tree, part(depth))
        return tree

    def _single(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise FormulaNotValid(_("The brackets are nested too deeply."))
        kind, part = self._kind, self._take()
        if kind == "number":
            return self._number(part)
        if kind == "name":
            return Name(part)
        if part == "-":
            return Minus(self._single(depth + 1))
        if part == "(":
            tree = self.sum(depth + 1)
            if self.part != ")":
                raise FormulaNotValid(_("A bracket is not closed."))
            self._take()
            return tree
        if not part:
            raise FormulaNotValid(_("The formula ends where a fact or a number is expected."))
        raise FormulaNotValid(_("“%(part)s” stands where a fact or a number is expected.") % {"part": part})

    @staticmethod
    def _number(part: str) -> Node:
        if len(part.replace(".", "")) > MOST_DIGITS:
            raise FormulaNotValid(_("Numbers have at most %(most)d digits.") % {"most": MOST_DIGITS})
        return Number(Decimal(part))

    def _take(self) -> str:
        part = self.part
        self._next()
        return part

    def _next(self) -> None:
        rest = self._text[self._place :]
        if not rest.strip():
            self.part, self._kind = "", ""
            return
        found = TOKEN.match(rest)
        if found is None:
            strange = rest.strip()[0]
            raise FormulaNotValid(_("“%(part)s” means nothing in a formula.") % {"part": strange})
        self._place += found.end()
        self._kind = found.lastgroup or ""
        self.part = found.group(self._kind)
