"""The phone page and the staff page in Chromium: what a demo does with them, in both languages, at the width of a phone."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.wecom.simulator.conftest import Wire, X
from wecom.simulator.fill import CORPID
from wecom.simulator.server import Simulator

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Begun and ended here: its loop must not outlive the module, or queries of other tests would find it."""
    found = os.environ.get("SCRM_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def running() -> Iterator[Wire]:
    """With the sample corp, and the clock of the machine."""
    simulator = Simulator()
    simulator.start()
    wire = Wire(simulator)
    wire.secret = wire.control("POST", "fill", size="small")["secret"]
    yield wire
    simulator.stop()


class Opened:
    """A page of 390 pixels; what the console says, and which hosts are asked."""

    def __init__(self, browser: Browser, wire: Wire, language: str) -> None:
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale=LANGUAGES[language], base_url=wire.simulator.url
        )
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.page.on(
            "console", lambda said: self.faults.append(said.text) if said.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda asked: self.hosts.add(asked.url.split("/")[2]))

    def overflow(self) -> int:
        width: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        inner: int = self.page.evaluate(
            "Math.max(...[...document.querySelectorAll('.body, .bar, .tabs, .say')].map(e => e.scrollWidth - e.clientWidth))"
        )
        return max(width, inner)


@pytest.fixture
def opened(chromium: Browser, running: Wire, request: pytest.FixtureRequest) -> Iterator[Opened]:
    opened = Opened(chromium, running, getattr(request, "param", "zh"))
    yield opened
    opened.context.close()
    assert opened.faults == []
    assert opened.hosts == {f"127.0.0.1:{running.simulator.port}"}


def api(wire: Wire, path: str, **args: Any) -> dict[str, Any]:
    return wire.api("POST", path, args, token=wire.token(wire.secret, CORPID))


def newest_code(wire: Wire) -> str:
    return str(wire.simulator.world.store.value("SELECT code FROM welcome ORDER BY rowid DESC LIMIT 1"))


def test_scan_welcome_answer_delete(opened: Opened, running: Wire) -> None:
    page = opened.page
    page.goto("/phone")
    page.get_by_role("button", name="新顾客").click()
    page.get_by_label("姓名").fill("林晓")
    page.get_by_role("button", name="添加这位顾客").click()
    page.get_by_role("button", name="门店台卡").click()
    expect(page.locator(".bar h1")).to_contain_text("@悦肤")
    link = {
        "msgtype": "link",
        "link": {"title": "满 199 减 30 券", "desc": "仅限门店", "url": "https://example.com/coupon"},
    }
    said = api(
        running,
        f"{X}/send_welcome_msg",
        welcome_code=newest_code(running),
        text={"content": "欢迎来到悦肤"},
        attachments=[link],
    )
    assert said["errcode"] == 0
    expect(page.locator("[data-channel=welcome] .bubble")).to_have_text("欢迎来到悦肤", timeout=2000)
    expect(page.locator("a.card")).to_have_attribute("href", "https://example.com/coupon")
    page.get_by_role("textbox", name="发消息").fill("谢谢")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".said.mine .bubble")).to_have_text("谢谢")
    assert opened.overflow() <= 0
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="删除联系人").click()
    page.get_by_role("button", name="删除联系人").click()
    expect(page.get_by_text("还没有聊天")).to_be_visible()
    row = running.simulator.world.store.row(
        "SELECT customer_has, staff_has, from_customer FROM follow ORDER BY id DESC LIMIT 1"
    )
    assert row is not None
    assert tuple(row) == (0, 1, 1)


def test_staff_confirms_and_the_phone_receives(opened: Opened, running: Wire) -> None:
    msgid = api(running, f"{X}/add_msg_template", sender="chenning", text={"content": "会员日 8 折"})["msgid"]
    reach = running.simulator.world.store.value("SELECT count(*) FROM mass_row WHERE msgid = ?", msgid)
    page = opened.page
    page.goto("/staff")
    page.get_by_role("button", name="陈宁").click()
    page.get_by_role("button", name=f"发送给 {reach} 位客户").click()
    expect(page.locator("dd").first).to_have_text(str(reach))
    person = running.reached(source=msgid)[0]["person"]
    page.goto(f"/phone#/{person}/with/{CORPID}/chenning")
    expect(page.locator("[data-channel=mass] .bubble")).to_have_text("会员日 8 折")


def test_groups_are_chosen_and_left(opened: Opened, running: Wire) -> None:
    world = running.simulator.world
    running.act("create_group", corpid=CORPID, userid="chenning", name="悦肤会9群")
    msgid = api(running, f"{X}/add_msg_template", chat_type="group", sender="chenning", text={"content": "群里说"})[
        "msgid"
    ]
    page = opened.page
    page.goto(f"/staff#/{CORPID}/chenning")
    page.get_by_label("悦肤会9群").uncheck()
    page.get_by_role("button", name="发送到 1 个群").click()
    expect(page.locator("dd").first).to_have_text("1")
    reached = running.reached(source=msgid)
    assert [one["chat"] for one in reached] == [1]
    person = world.store.value("SELECT person FROM chat_member WHERE chat = 1 AND person > 0")
    page.goto(f"/phone#/{person}/group/1")
    expect(page.get_by_text("群里说")).to_be_visible()
    page.get_by_role("textbox", name="发消息").fill("收到")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("收到")).to_be_visible()
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="退出群聊").click()
    page.get_by_role("button", name="退出群聊").click()
    expect(page.locator(".tabs")).to_be_visible()
    assert (
        world.store.value("SELECT count(*) FROM chat_member WHERE chat = 1 AND person = ? AND left_at IS NULL", person)
        == 0
    )


def test_friend_request_is_accepted(opened: Opened, running: Wire) -> None:
    person = running.person("周悦")
    page = opened.page
    page.goto(f"/phone#/{person}/scan")
    page.get_by_role("button", name="需要验证").click()
    expect(page.get_by_text("等待对方通过").last).to_be_visible()
    page.goto(f"/staff#/{CORPID}/chenning")
    page.get_by_role("button", name="通过").click()
    expect(page.get_by_text("没有待办")).to_be_visible()
    page.get_by_role("button", name="客户", exact=True).click()
    expect(page.get_by_role("button", name="周悦")).to_be_visible()


def test_refused_message_says_so(opened: Opened, running: Wire) -> None:
    person = running.person("周悦")
    who = {"corpid": CORPID, "userid": "chenning", "person": person}
    running.act("add", **who)
    running.act("staff_deletes", **who)
    page = opened.page
    page.goto(f"/phone#/{person}/with/{CORPID}/chenning")
    page.get_by_role("textbox", name="发消息").fill("在吗")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("status")).to_have_text("未送达：对方已不是你的联系人。")


PLACES = (
    "/",
    "/phone",
    "/phone#/5",
    "/phone#/5/scan",
    "/phone#/5/moments",
    f"/phone#/5/with/{CORPID}/chenning",
    "/phone#/5/group/1",
)
PLACES += (
    "/staff",
    f"/staff#/{CORPID}/chenning",
    f"/staff#/{CORPID}/chenning/customers",
    f"/staff#/{CORPID}/chenning/groups",
)


@pytest.mark.parametrize("opened", ["zh", "en"], indirect=True)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_overflows_in_either_language(opened: Opened, running: Wire, place: str) -> None:
    running.act("add", corpid=CORPID, userid="chenning", person=5)
    running.act("join_group", chat=1, person=5)
    running.act("group_says", chat=1, person=5, text="一句很长的话，" * 20)
    running.act("customer_says", corpid=CORPID, userid="chenning", person=5, text="https://example.com/" + "x" * 200)
    opened.page.goto(place)
    opened.page.wait_for_function(
        "document.querySelector('.body') && document.querySelector('.body').children.length > 0"
    )
    assert opened.overflow() <= 0
    targets = opened.page.evaluate(
        "[...document.querySelectorAll('button, .say input')].filter(e => e.offsetHeight && e.offsetHeight < 40).map(e => e.textContent)"
    )
    assert targets == []


def test_language_is_switched_and_kept(opened: Opened) -> None:
    page = opened.page
    page.goto("/phone")
    expect(page.locator(".bar h1")).to_have_text("顾客的微信")
    page.get_by_role("button", name="Switch to English").click()
    expect(page.locator(".bar h1")).to_have_text("Customers' phones")
    page.goto("/staff")
    expect(page.locator(".bar h1")).to_have_text("Staff in WeCom")
