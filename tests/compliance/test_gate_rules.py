"""Arithmetic of the gate: quiet hours, ages, opt-out words, what a notice must say. No database, no clock."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.gate import Policy, is_quiet, next_loud, years_before
from compliance.rules.keywords import asks_to_stop
from compliance.rules.notices import CODES, Lack, hashes_of, lacks_of
from tests.compliance.people import WHOLE

POLICY = Policy(
    quiet_from=time(22),
    quiet_to=time(7),
    timezone="Asia/Shanghai",
    cap_messages=4,
    cap_days=30,
    reask_days=90,
    guardian_age=14,
    marketing_age=18,
    limits={},
)


@pytest.mark.parametrize(
    ("local", "quiet"), [("21:59", False), ("22:00", True), ("00:00", True), ("06:59", True), ("07:00", False)]
)
def test_quiet_hours_go_over_midnight(local: str, quiet: bool) -> None:
    assert is_quiet(time.fromisoformat(local), time(22), time(7)) is quiet


@given(local=st.times(), at=st.times())
def test_equal_ends_are_never_quiet(local: time, at: time) -> None:
    assert not is_quiet(local, at, at)


def test_next_loud_is_the_end_of_the_night() -> None:
    assert next_loud(POLICY, datetime(2026, 11, 22, 15, tzinfo=UTC)) == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert next_loud(POLICY, datetime(2026, 11, 22, 22, 30, tzinfo=UTC)) == datetime(2026, 11, 22, 23, tzinfo=UTC)
    noon = datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert next_loud(POLICY, noon) == noon


@pytest.mark.parametrize(
    ("day", "last_adult"),
    [
        (date(2026, 11, 22), date(2012, 11, 22)),
        (date(2028, 2, 29), date(2014, 2, 28)),
        (date(2026, 3, 1), date(2012, 3, 1)),
    ],
)
def test_years_before_counts_birthdays(day: date, last_adult: date) -> None:
    assert years_before(day, 14) == last_adult


STOP = ["T", "td", "TD。", "回T", "回复TD", "退订", "【退订】", "ＴＤ", "拒收", "R", "STOP", "Unsubscribe!", "请不要再给我发短信了",
        "麻烦帮我退订，谢谢", "别再发了", "stop sending me this", "please don't contact me"]  # fmt: skip
GO_ON = [
    "",
    "你好",
    "T恤有货吗",
    "怎么退订",
    "我不退订",
    "如何退订？",
    "取消退订",
    "TDX是什么",
    "stop by the store?",
    "1",
    "好的",
    "谢谢",
]


@pytest.mark.parametrize("text", STOP)
def test_asking_to_stop_is_understood(text: str) -> None:
    assert asks_to_stop(text)


@pytest.mark.parametrize("text", GO_ON)
def test_other_replies_are_left_alone(text: str) -> None:
    assert not asks_to_stop(text)


def test_a_brand_adds_words_of_its_own() -> None:
    assert not asks_to_stop("拜拜")
    assert asks_to_stop("拜拜！", more=["拜拜"])


@pytest.mark.parametrize("code", CODES)
def test_each_block_is_asked_for(code: str) -> None:
    assert lacks_of({"zh-hans": {**WHOLE, code: "  "}}) == [Lack("zh-hans", code, "missing")]


def test_notice_is_whole_or_says_what_is_wrong() -> None:
    assert lacks_of({"zh-hans": WHOLE}) == []
    assert lacks_of({"zh-hans": {**WHOLE, "recipients": "无"}}) == []
    assert lacks_of({"zh-hans": {**WHOLE, "collected": "手机号 ｜ 会员"}}) == [Lack("zh-hans", "collected", "list")]
    assert lacks_of({"zh-hans": {**WHOLE, "controller": "【公司全称】"}}) == [Lack("zh-hans", "controller", "open")]
    assert lacks_of({"zh-hans": WHOLE, "en": {**WHOLE, "minors": ""}}) == [Lack("en", "minors", "missing")]


def test_fingerprint_is_of_the_words_and_nothing_else() -> None:
    texts = {"zh-hans": WHOLE}
    same = {"zh-hans": {code: f"{text} \r\n" for code, text in reversed(WHOLE.items())}}
    whole, each = hashes_of(code="privacy", number=1, texts=texts)
    assert hashes_of(code="privacy", number=1, texts=same) == (whole, each)
    assert hashes_of(code="privacy", number=2, texts=texts)[0] != whole
    assert hashes_of(code="privacy", number=1, texts={"zh-hans": {**WHOLE, "rights": "改"}})[0] != whole
    assert len(whole) == 64
