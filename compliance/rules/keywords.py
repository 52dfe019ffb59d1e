"""Replies by which somebody asks to be left alone: 退订, TD, T, 拒收 and their like."""

import re
import unicodedata
from collections.abc import Collection

#: Whole messages. 回T退订, the usual line under an SMS, is why one letter is enough.
WORDS = frozenset(
    {
        *("td", "t", "tdd", "n", "qx", "q", "r", "0000", "00000", "stop", "stopall", "unsubscribe", "cancel", "end"),
        *("quit", "optout", "退订", "退定", "退阅", "退", "拒收", "拒绝", "拒绝接收", "取消", "取消订阅", "取消关注"),
        *(
            "不要",
            "不需要",
            "别发了",
            "别再发了",
            "不要再发",
            "不要再发了",
            "不要发了",
            "停止发送",
            "勿扰",
            "免打扰",
            "屏蔽",
        ),
    }
)
#: Phrases that say it inside of a longer message.
PHRASES = (
    *(
        "退订",
        "拒收",
        "别再发",
        "不要再发",
        "不要再给我发",
        "别给我发",
        "停止发送",
        "取消订阅",
        "不想收到",
        "不要再联系",
        "别再联系",
    ),
    *("unsubscribe", "opt out", "stop sending", "do not contact", "don't contact", "remove me"),
)
#: The same phrase with one of these before it says the contrary, or only asks.
_NOT = (
    "不",
    "没有",
    "没",
    "别",
    "怎么",
    "如何",
    "为什么",
    "是否",
    "取消",
    "don't ",
    "do not ",
    "not ",
    "how to ",
    "how do i ",
)
_NOISE = re.compile(r"[\s\W_]+", re.UNICODE)
_PREFIX = re.compile(r"^(?:回复?|发送|reply)(?=[a-z退拒])")
LONGEST = 500


def asks_to_stop(text: str, *, more: Collection[str] = ()) -> bool:
    """Whether a reply asks not to be contacted; `more` are whole messages that a brand adds.

    "T", "td。", "回T", "【退订】" and "请不要再给我发短信了" do; "怎么退订", "我不退订" and "T恤有货吗" do not.
    """
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().replace("’", "'").strip()
    bare = _PREFIX.sub("", _NOISE.sub("", plain))
    if bare in WORDS or bare in {_NOISE.sub("", unicodedata.normalize("NFKC", word).casefold()) for word in more}:
        return bool(bare)
    return any(_says(plain, phrase) for phrase in PHRASES)


def _says(plain: str, phrase: str) -> bool:
    """The phrase stands somewhere without a word before it that turns it round."""
    place = plain.find(phrase)
    while place >= 0:
        before = plain[:place].rstrip()
        if not any(before.endswith(word.rstrip()) for word in _NOT):
            return True
        place = plain.find(phrase, place + 1)
    return False
