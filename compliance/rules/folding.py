"""Texts brought to one form, so that a phrase is found however it is dressed up.

Character by character: NFKC, accents off, case folded, traditional to simplified by OpenCC's table of characters, and
nothing left of spaces, zero-width characters, punctuation and symbols (per cent signs stay: 100 is not 100%). Working by
character keeps every position; what it gives up are OpenCC's phrases (軟體 becomes 软体, not 软件). Homophones, pinyin,
letters of other scripts that look alike, and pictures are not folded: they are not caught.
"""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt
import opencc

KEPT_SYMBOLS = frozenset("%‰")
INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")  # Hangul fillers: letters by category, blank to the eye
DROPPED = frozenset("MZPS")
LINES = range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x32000)
DEEPEST = 5
POINTS = 0x110000
UNKNOWN = 2**32 - 1

Places = npt.NDArray[np.int64]
Points = npt.NDArray[np.uint32]
Folding = tuple[Points, Places]

# What each code point becomes: another one, 0 for nothing, POINTS + n for the n-th of EXPANSIONS. Filled as they are met.
_table = np.full(POINTS, UNKNOWN, dtype=np.uint32)
_expansions: list[str] = []


def fold(text: str) -> Folding:
    """The folded text as code points, and for each of them the place in `text` that it came from."""
    points = points_of(text)
    mapped = _table[points]
    unknown = mapped == UNKNOWN
    if unknown.any():
        _learn(np.unique(points[unknown]))
        mapped = _table[points]
    if (mapped >= POINTS).any():
        return _expanded(mapped)
    origins = np.flatnonzero(mapped)
    return mapped[origins], origins


def folded(text: str) -> str:
    return text_of(fold(text)[0])


def points_of(text: str) -> Points:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def text_of(points: Points) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


def _learn(points: Points) -> None:
    for point in points.tolist():
        result = fold_character(chr(point))
        if len(result) <= 1:
            _table[point] = ord(result) if result else 0
        else:
            _expansions.append(result)
            _table[point] = POINTS + _expansions.index(result)


def _expanded(mapped: Points) -> Folding:
    """With characters that become several, such as ㎡; one step for each of those, however long the text."""
    lengths = (mapped != 0).astype(np.int64)
    many = np.flatnonzero(mapped >= POINTS)
    results = [_expansions[number - POINTS] for number in mapped[many].tolist()]
    lengths[many] = [len(result) for result in results]
    output, origins = np.repeat(mapped, lengths), np.repeat(np.arange(len(mapped)), lengths)
    for start, result in zip((np.cumsum(lengths) - lengths)[many].tolist(), results, strict=True):
        output[start : start + len(result)] = [ord(character) for character in result]
    return output, origins


@cache
def fold_character(character: str) -> str:
    """Repeated until nothing changes, so that folding a folded text changes nothing."""
    for _step in range(DEEPEST):
        result = "".join(_kept(each) for each in _plain(character))
        if result == character:
            break
        character = result
    return character


def _plain(character: str) -> str:
    split = unicodedata.normalize("NFKD", character)
    bare = "".join(each for each in split if unicodedata.category(each)[0] != "M")
    return unicodedata.normalize("NFKC", bare).casefold()


def _kept(character: str) -> str:
    if character in KEPT_SYMBOLS:
        return character
    category = unicodedata.category(character)
    if category[0] in DROPPED or category in {"Cc", "Cf"} or character in INVISIBLE_LETTERS:
        return ""
    return simplified().get(character, character)


@cache
def simplified() -> dict[str, str]:
    """Traditional character → simplified one, from OpenCC, for those that differ."""
    characters = [chr(point) for line in LINES for point in line]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {old: new for old, new in zip(characters, converted, strict=True) if old != new}
