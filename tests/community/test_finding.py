"""What the rules find in texts, without a database."""

from collections.abc import Iterable
from typing import Any

import pytest

from community.enums.moderation import ViolationKind
from community.rules.contacts import accounts_in, phones_in
from community.rules.finding import Reader, Rule, Word, excerpt
from community.rules.joining import BREAK, Joined, Part
from community.rules.links import SHARE_CODE, leads_to, links_in
from community.rules.parameters import SPEC, read_parameters
from compliance.rules.folding import folded


def hosts(text: str) -> list[str]:
    return [link.host for link in links_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("看这个 https://shop.example.com/a?b=1 很好", ["shop.example.com"]),
        ("HTTPS://Shop.Example.COM/A", ["shop.example.com"]),
        ("上 taobao。com 搜", ["taobao.com"]),
        ("ｗｗｗ．ｅｖｉｌ．ｎｅｔ", ["www.evil.net"]),
        ("https://mall.example.com@evil.net/x", ["evil.net"]),
        ("复制￥abc12345X￥打开", [SHARE_CODE]),
        ("#小程序://别家商城/ab12", ["#小程序://别家商城"]),
        ("版本 3.5.1，价格 12.50，v1.com", ["v1.com"]),
        ("邮件写到 a@example.com 就好", []),
        ("你好。今天", []),
        ("", []),
    ],
)
def test_links_are_found_however_they_are_written(text: str, expected: list[str]) -> None:
    assert hosts(text) == expected


def test_place_of_a_link_is_that_of_the_text_as_written() -> None:
    text = "İ看 ｔａｏｂａｏ。com/x"
    (link,) = links_in(text)
    assert text[link.start : link.end] == "ｔａｏｂａｏ。com/x"


def test_host_below_an_allowed_one_is_allowed_and_its_look_alike_is_not() -> None:
    assert [leads_to(host, ["example.com"]) for host in ("example.com", "a.example.com", "badexample.com")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("138 1234 5678", 1),
        ("１３８-１２３４-５６７８", 1),
        ("打 +86 13812345678 吧", 1),
        ("一三八一二三四五六七八", 1),
        ("幺三捌 壹贰叁肆 五六七八", 1),
        ("订单 138123456789 号", 0),
        ("编号 20260302138123", 0),
        ("12812345678", 0),
    ],
)
def test_mobile_numbers_are_found_in_disguise_and_order_numbers_are_not(text: str, count: int) -> None:
    assert len(list(phones_in(folded(text)))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("加我微信：abc_12345", 1),
        ("v❤️信: lily8899", 1),
        ("vx lily8899", 1),
        ("加V lily8899", 1),
        ("微信号是 lily-8899 哦", 1),
        ("QQ 12345678", 1),
        ("微信支付 100 元", 0),
        ("https://mp.weixin.qq.com/s/abcdef123456", 0),
        ("我的 wx 很卡", 0),
    ],
)
def test_accounts_are_found_after_their_word_only(text: str, count: int) -> None:
    assert len(list(accounts_in(folded(text)))) == count


def test_places_of_joined_texts_are_those_of_the_texts() -> None:
    texts = ["", "甲乙", "丙"]
    joined = Joined(texts)
    assert joined.text == f"{BREAK}甲乙{BREAK}丙"
    assert [(place.text, place.start, place.end) for place in joined.places([(2, 3), (4, 5)])] == [(1, 1, 2), (2, 0, 1)]
    assert [(place.text, place.start) for place in Part(texts, [2]).places([(0, 1)])] == [(2, 0)]


def reader(*rules: Rule, words: Iterable[Word] = ()) -> Reader:
    return Reader(rules, lambda _text, _folding: words)


def poaching(**more: Any) -> Rule:
    told = {"phrases": ["加我微信"], "phones": True, "accounts": True, "hosts": ["u.wechat.com"], "allowed": [], **more}
    return Rule(1, ViolationKind.POACHING, told)


def seen(rules: Iterable[Rule], *texts: str) -> list[tuple[int, int, str]]:
    return [(each.text, each.rule, texts[each.text][each.start : each.end]) for each in reader(*rules).find(texts)]


def test_phrase_is_found_across_spaces_and_signs_and_once_for_a_text() -> None:
    assert seen([poaching()], "你好", "加 我·微 信，加我微信") == [(1, 1, "加 我·微 信")]


def test_phrase_is_not_found_across_two_messages() -> None:
    assert seen([poaching()], "有事加我", "微信里说") == []


def test_link_behind_a_code_is_poaching_and_no_foreign_link() -> None:
    links = Rule(2, ViolationKind.LINK, {"hosts": ["example.com"]})
    texts = ("https://u.wechat.com/EAxx", "https://a.example.com/x", "https://other.net/x")
    assert seen([poaching(), links], *texts) == [(0, 1, texts[0]), (2, 2, texts[2])]


def test_own_numbers_and_accounts_are_no_poaching() -> None:
    own = poaching(allowed=["400-800-1234", "138 0000 1111", "yuefu01"])
    assert seen([own], "电话 13800001111", "微信 yuefu01", "电话 13800001112") == [(2, 1, "13800001112")]


def test_advertising_needs_so_many_different_phrases() -> None:
    rule = Rule(3, ViolationKind.AD, {"phrases": ["代购", "包邮"], "least": 2})
    assert seen([rule], "代购代购", "代购包邮") == [(1, 3, "代购")]


def test_lexicon_is_asked_for_severity_and_pack() -> None:
    words = [Word(0, 2, "block", "medical"), Word(3, 5, "warn", "medical"), Word(6, 8, "block", "finance")]
    told = {"severities": ["block"], "packs": ["finance"], "phrases": []}
    found = reader(Rule(4, ViolationKind.LEXICON, told), words=words).find(["根治", "最好", "保本"])
    assert [(each.text, each.start, each.end) for each in found] == [(2, 0, 2)]


def test_no_rule_finds_nothing() -> None:
    assert reader().find(["加我微信 13812345678 https://evil.net"]) == []


def test_excerpt_is_short_and_on_one_line() -> None:
    text = "一" * 50 + "\n加我微信\x00" + "二" * 400
    words = excerpt(text, 51, 55)
    assert (words[0], words[-1], "加我微信" in words, "\n" in words, "\x00" in words) == ("…", "…", True, False, False)
    assert len(words) <= 162
    assert excerpt("短", 0, 1) == "短"


@pytest.mark.parametrize("kind", list(SPEC))
def test_what_was_read_reads_the_same_again(kind: str) -> None:
    told = {
        "phrases": "加我\n\n加我\n 私聊 ",
        "hosts": "a.com",
        "severities": ["block"],
        "phones": "1",
        "messages": "12",
    }
    told |= {"seconds": "60", "times": 3, "hours": 24, "least_length": 10, "least": "1"}
    values, faults = read_parameters(kind, told)
    assert faults == {}
    assert read_parameters(kind, values) == (values, {})


@pytest.mark.parametrize(
    ("kind", "told", "wrong"),
    [
        ("flood", {"messages": "2", "seconds": "x"}, ["messages", "seconds"]),
        ("duplicate", {"times": "-3", "hours": "24", "least_length": "10"}, ["times"]),
        ("ad", {"phrases": " \n ", "least": "1"}, ["phrases"]),
        ("ad", {"phrases": "长" * 41, "least": "1"}, ["phrases"]),
        ("ad", {"phrases": "\n".join(map(str, range(501))), "least": "1"}, ["phrases"]),
        ("lexicon", {"severities": ["allow"], "packs": ["nonsense"]}, ["severities"]),
        ("poaching", {}, ["phrases"]),
    ],
)
def test_what_cannot_be_read_is_named(kind: str, told: dict[str, Any], wrong: list[str]) -> None:
    assert list(read_parameters(kind, told)[1]) == wrong
