"""The sort key of a name: pinyin, syllable by syllable, the same on every server and version of its collations."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

LENGTH = 200

# Surnames read otherwise than the character mostly is.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "区": "ou", "任": "ren", "朴": "piao",
    "盖": "ge", "洗": "xian", "冼": "xian", "繁": "po", "逄": "pang", "员": "yun", "乐": "yue", "召": "shao",
    "覃": "qin", "翟": "zhai", "尉": "yu", "缪": "miao", "宓": "mi", "种": "chong", "折": "she", "黑": "he",
}  # fmt: skip


def name_key(name: str) -> str:
    """林晓 → "lin xiao"; letters in lower case, anything else as it is. A space after each syllable keeps 李 before 林.

    Members without a name get an empty key.
    """
    name = name.strip()
    if not name:
        return ""
    first, rest = name[0], name[1:]
    parts = [f"{SURNAMES[first]} " if first in SURNAMES else _character(first), *map(_character, rest)]
    return " ".join("".join(parts).split())[:LENGTH]


@lru_cache(maxsize=30_000)
def _character(character: str) -> str:
    syllable = lazy_pinyin(character, style=Style.NORMAL, errors="ignore")
    return f"{syllable[0]} " if syllable else character.lower()
