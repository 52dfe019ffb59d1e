"""Links in what people write: addresses with and without their beginning, mini programs, share codes of shops."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from community.rules.joining import characters, translated, translation
from compliance.rules.folding import Points

#: One of these stands in every link.
MARKS = ".．。#＃￥¥$€₳₤£"
WIDE = [(chr(0xFF01 + place), chr(0x21 + place).lower()) for place in range(94)]  # full width to half width
CAPITALS = [(letter, letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
STOPS = [("。", "."), ("￥", "¥")]
TOP = (
    "com|cn|net|org|top|xyz|cc|vip|shop|club|info|io|me|co|tv|link|site|online|app|store|ltd|fun|work|wang|ink|live|pro"
)
MONEY = "¥$€₳₤£"
END = r"\s\ue000\u3000-\u303f\u3400-\u9fff"
LINK = re.compile(
    rf"https?://[^{END}]{{3,2000}}|#小程序://[^\s\ue000/]{{1,40}}|[{MONEY}][a-z0-9]{{8,14}}[{MONEY}]"
    rf"|(?<![a-z0-9@._-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{TOP})(?![a-z0-9-])(?:[/?#:][^{END}]{{0,500}})?"
)
HOST = re.compile(r"(?:https?://)?(?:[^/?#]*@)?([^/?#:]+)")
MINI_PROGRAM, SHARE_CODE = "#小程序://", "￥…￥"


@dataclass(frozen=True, slots=True)
class Link:
    """Where it stands and where it leads: a host, the name of a mini program with its beginning, or a share code."""

    start: int
    end: int
    host: str


def may_hold() -> npt.NDArray[np.bool_]:
    """Characters without which there is no link."""
    return _tables()[1]


def links_in(text: str) -> Iterator[Link]:
    plain = translated(text, _tables()[0])
    for match in LINK.finditer(plain):
        yield Link(match.start(), match.end(), host_of(match.group()))


@cache
def _tables() -> tuple[Points, npt.NDArray[np.bool_]]:
    return translation([*WIDE, *CAPITALS, *STOPS]), characters(MARKS)


def host_of(link: str) -> str:
    """Of `https://mall.example.com@evil.net/x` it is evil.net."""
    if link.startswith(MINI_PROGRAM):
        return link
    if link[0] in MONEY:
        return SHARE_CODE
    match = HOST.match(link)
    return match.group(1).strip(".") if match else link


def leads_to(host: str, hosts: Collection[str]) -> bool:
    """The host itself or one below it: of `example.com` also `shop.example.com`, never `badexample.com`."""
    return any(host == known or host.endswith(f".{known}") for known in hosts)
