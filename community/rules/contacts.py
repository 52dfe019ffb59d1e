"""Phone numbers, WeChat and QQ accounts in texts that have been folded (`compliance.rules.folding`).

Folding takes away spaces, punctuation, width and traditional forms; numerals written as words are brought to digits
here, character for character. A picture of a code is not read.
"""

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from community.rules.joining import characters, runs, translated, translation
from compliance.rules.folding import Places, Points

WORDS = "〇零洞一幺壹二两贰三叁四肆五伍六陆七柒拐八捌九玖勾"
DIGITS = "0001112223344556677788999"
PHONE = re.compile(r"(?<![0-9])(?:86)?1[3-9][0-9]{9}(?![0-9])")
ACCOUNT = re.compile(
    r"(?:微信|威信|薇信|徽信|葳信|微芯|加微|加薇|加威|加v|v信|扣扣|企鹅|(?<![a-z0-9])(?:vx|wx|wechat|weixin|qq))"
    r"(?:号码|号|账号|帐号|id|是|为|加|同号|搜)*(?:[a-z][a-z0-9]{5,19}|[1-9][0-9]{4,11})(?![a-z0-9])"
)
PHONE_DIGITS, ACCOUNT_CHARACTERS = 11, 5
Span = tuple[int, int]
Table = npt.NDArray[np.bool_]


@cache
def _numerals() -> Points:
    return translation(zip(WORDS, DIGITS, strict=True))


@cache
def _tables() -> tuple[Table, Table]:
    """Digits, also those written as words; digits and small letters."""
    digits = "0123456789"
    return characters(digits + WORDS), characters(digits + "abcdefghijklmnopqrstuvwxyz")


def may_hold(points: Points) -> tuple[Places, Places]:
    """Where a number could stand and where an account could, in a long folded text; the rest need not be searched."""
    digits, plain = _tables()
    return runs(digits[points], PHONE_DIGITS), runs(plain[points], ACCOUNT_CHARACTERS)


def phones_in(folded: str) -> Iterator[Span]:
    """Mobile numbers of the mainland, also with 86 before them, or written out as 一三八 and so on."""
    for match in PHONE.finditer(translated(folded, _numerals())):
        yield match.span()


def accounts_in(folded: str) -> Iterator[Span]:
    """A word for WeChat or QQ with an account right after it."""
    for match in ACCOUNT.finditer(folded):
        yield match.span()
