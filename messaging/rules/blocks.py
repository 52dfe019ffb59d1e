"""What every marketing message says besides its text: who it is from, and how to refuse it.

广告法 Art. 43 (identity, contact and a way to refuse), 通信短信息服务管理规定 (refusal stated in the message itself).
"""

import re

_SIGNED = re.compile(r"^【[^】]{1,40}】|【[^】]{1,40}】$")


def signed(text: str, sender: str) -> str:
    """【sender】 before the text of a short message; a text that bears a signature of its own loses it."""
    return f"【{sender}】{_SIGNED.sub('', text.strip()).strip()}"


def with_refusal(text: str, refusal: str) -> str:
    """The way to refuse behind the text, unless the text ends with it."""
    return text if text.rstrip().endswith(refusal) else f"{text} {refusal}"
