"""What the timeline of a member calls what happened: words, never codes."""

from typing import Any

import pytest
from django.utils import translation

from tests.timeline.facts import AT
from timeline.admin.member_page import in_words
from timeline.admin.words import CHANNELS, channel_words
from timeline.selectors import Entry, EntryKind


def told(what: str, *, kind: EntryKind = EntryKind.INTERACTION, **values: Any) -> tuple[str, str, list[str]]:
    plain: dict[str, Any] = {"source": "", "channel": "", "store": "", "subject": "", "coupon_code": "", "code": ""}
    with translation.override("zh-hans"):
        said = in_words(Entry(kind=kind, at=AT, number=1, what=what, amount=None, **{**plain, **values}))
    return str(said["title"]), said["icon"], said["details"]


@pytest.mark.parametrize(
    ("what", "more", "title", "icon"),
    [
        ("join", {"activity": 7}, "参加活动", "celebration"),
        ("other", {"activity": 7}, "参与活动", "celebration"),
        ("check_in", {"activity": 7}, "活动签到", "celebration"),
        ("other", {"draw": 3}, "参与抽奖", "redeem"),
        ("join", {}, "加入", "group_add"),
        ("other", {}, "其他", "more_horiz"),
        ("browse", {"activity": 7}, "浏览", "visibility"),
        ("coined", {}, "coined", "more_horiz"),
    ],
)
def test_interaction_is_called_after_what_it_was_for(what: str, more: dict[str, int], title: str, icon: str) -> None:
    assert told(what, more=more, subject="老友回归礼") == (title, icon, ["老友回归礼"])


def test_no_channel_stands_there_as_a_code() -> None:
    assert told("join", channel="wecom", more={"activity": 7})[2] == ["企业微信"]
    assert told("touch", kind=EntryKind.TOUCH, channel="mini_program") == ("来源", "login", ["小程序"])
    assert told("browse", channel="any")[2] == []
    with translation.override("zh-hans"):
        assert [code for code in CHANNELS if channel_words(code).isascii() and code != "any"] == []
    assert channel_words("门店收银") == "门店收银"
