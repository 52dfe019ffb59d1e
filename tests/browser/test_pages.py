"""Every page as a person sees it: nothing in the console, nothing overflows on a phone, no word of the other language."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from members.models import Member
from tests.browser.conftest import faults_of, open_context
from tests.scrm.test_admin import LISTS, pages_of_things

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TEXT = """
() => {
  const skipped = new Set(["SCRIPT", "STYLE", "CODE", "PRE", "OPTION", "KBD", "SVG"]);
  const found = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) { const text = node.textContent.trim(); if (text) found.push(text); return; }
    if (node.nodeType !== Node.ELEMENT_NODE || skipped.has(node.tagName.toUpperCase())) return;
    if (node.classList.contains("s-icon") || node.classList.contains("material-symbols-outlined")) return;
    for (const name of ["placeholder", "title", "aria-label"]) if (node.hasAttribute(name)) found.push(node.getAttribute(name));
    node.childNodes.forEach(walk);
  };
  walk(document.body);
  return found;
}
"""
CONTRAST = """
(selector) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const part = (value) => { const v = value / 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }; return .2126 * part(r) + .7152 * part(g) + .0722 * part(b); };
  const ground = (element) => { for (let node = element; node; node = node.parentElement) { const colour = rgb(getComputedStyle(node).backgroundColor); if (colour[3] > 250) return colour; } return [255, 255, 255]; };
  return [...document.querySelectorAll(selector)].filter((node) => node.offsetParent).map((node) => {
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    return [node.className + " " + node.textContent.trim().slice(0, 20), (a + .05) / (b + .05)];
  });
}
"""
# Names of things, units, codes and addresses that are the same in Chinese.
ALLOWED = re.compile(
    r"[\w.]+@example\.com|SCRM|RFM|zh-hans|\ben\b|English|CSV|TSV|Excel|XLSX|xlsx|gz|GB|API|UTC|UTF|JSON|Ctrl|KB|MB|unionid|openid|ID|IP|UTM|LTV|ARPU|GMV|KOC|UGC|"
    r"\b[RFM]\b|[\w.:-]*[\d_:/.#…][\w.:/…-]*|\b[A-Z]\d+\b"
)
# What an operator or a program gave as a name in code: user names, scopes, channels, actions of the audit, sources.
CODES = re.compile(
    r"[a-z]+\d*[._:][a-z_.:]+|\b(admin|guide|program|store|app|pos|file|test|default|crm|east|sync_schedules)\d*\b"
)
LATIN = re.compile(r"[A-Za-z]{2,}")


def pages() -> dict[str, str]:
    return {name: reverse(name) for name in LISTS} | pages_of_things()


def untranslated(texts: list[str]) -> list[str]:
    """Texts that still hold a Latin word when names and codes are taken away."""
    return sorted({text for text in texts if LATIN.search(CODES.sub("", ALLOWED.sub("", text)))})


def look_at(page: Page, address: str) -> None:
    response = page.goto(address)
    assert response is not None
    assert response.status == 200, address
    page.wait_for_load_state("load")
    page.wait_for_timeout(50)


def test_untranslated_catches_a_planted_word() -> None:
    assert untranslated(["会员", "RFM", "A1-2", "Members", "共 3 条 entries"]) == ["Members", "共 3 条 entries"]


def test_pages_are_chinese_quiet_and_whole(brand: User, browser: Browser, live_server: LiveServer) -> None:
    context = open_context(browser, live_server, "zh-hans", 1440)
    page = context.new_page()
    faults = faults_of(page)
    words: dict[str, list[str]] = {}
    for name, address in pages().items():
        look_at(page, address)
        if found := untranslated(page.evaluate(TEXT)):
            words[name] = found
    assert faults == []
    assert words == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_overflows_on_a_phone(brand: User, browser: Browser, live_server: LiveServer, language: str) -> None:
    page = open_context(browser, live_server, language, 390).new_page()
    faults = faults_of(page)
    wide = {}
    for name, address in pages().items():
        look_at(page, address)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[name] = over
    assert faults == []
    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(brand: User, browser: Browser, live_server: LiveServer, scheme: str) -> None:
    page = open_context(browser, live_server, "zh-hans", 1440, scheme).new_page()
    faint = []
    for address in (
        reverse("admin:members_member_changelist"),
        pages_of_things()["member"],
        reverse("admin:intake_new"),
    ):
        look_at(page, address)
        parts = ".s-tier, .s-state, .s-muted, .s-btn, .s-table td, .s-table th, .s-fact dt, .s-fact dd, .sub, #nav-sidebar a span"
        faint += [(what, round(ratio, 2)) for what, ratio in page.evaluate(CONTRAST, parts) if ratio < 4.5]
    assert faint == []


def test_search_key_filter_and_selection_work(brand: User, browser: Browser, live_server: LiveServer) -> None:
    page = open_context(browser, live_server, "zh-hans", 1440).new_page()
    faults = faults_of(page)
    look_at(page, reverse("admin:members_member_changelist"))
    page.keyboard.press("/")
    page.keyboard.type("林晓2")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    assert page.locator("#member-rows tbody tr").count() == 1
    look_at(page, reverse("admin:members_member_changelist"))
    page.locator("#member-rows tbody input[type=checkbox]").nth(0).check()
    page.locator("#member-rows tbody input[type=checkbox]").nth(1).check()
    bar = page.locator(".s-bulk")
    assert bar.locator("[data-people]").inner_text() == "2"
    assert bar.locator("[data-spend]").inner_text() == "5,000.00"
    bar.get_by_role("button", name="打标签", exact=False).first.click()
    page.get_by_role("button", name="给 2 位会员打上标签").wait_for()
    assert faults == []


def test_a_later_panel_comes_however_it_came_into_view(brand: User, browser: Browser, live_server: LiveServer) -> None:
    """Without a step of the wheel too: others that load above and below it move it, after a jump to the end."""
    page = open_context(browser, live_server, "zh-hans", 390).new_page()
    member = Member.objects.earliest("pk").pk
    look_at(page, reverse("admin:members_member_change", args=(member,)))
    waiting = f'[hx-get="{reverse("admin:members_member_part", args=(member, "requests"))}"]'
    assert page.locator(waiting).count() == 1
    page.evaluate(
        "(it) => document.querySelectorAll('.s-section').forEach((each) => { each.style.display = each.matches(it) ? '' : 'none'; })",
        waiting,
    )
    page.get_by_role("button", name="登记请求").wait_for(timeout=10_000)


def test_timeline_filters_without_leaving_the_page(brand: User, browser: Browser, live_server: LiveServer) -> None:
    page = open_context(browser, live_server, "zh-hans", 1440).new_page()
    faults = faults_of(page)
    look_at(page, reverse("admin:members_member_change", args=(Member.objects.earliest("pk").pk,)))
    page.locator(".s-switch button").nth(1).click()
    page.locator("#stream .amount").first.wait_for()
    page.wait_for_function("() => !document.querySelector('#stream').innerText.includes('浏览')")
    assert page.locator("#stream .s-timeline__item").count() == 3
    assert faults == []


def test_import_goes_from_the_file_to_a_trial(brand: User, browser: Browser, live_server: LiveServer) -> None:
    page = open_context(browser, live_server, "zh-hans", 1440).new_page()
    faults = faults_of(page)
    look_at(page, reverse("admin:intake_new"))
    text = "订单号,客户编号,下单时间,商品编码,数量,单价\nA1,C1,2026-11-20 20:14,P1,2,89.00\nA2,,2026-11-21,P1,1,89\n"
    file = {"name": "消费.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.check("input[name=kind][value=purchases]")
    page.set_input_files("input[type=file]", [file])
    page.get_by_role("button", name="上传并查看内容").click()
    page.get_by_role("button", name="试算（不写入数据）").wait_for()
    assert page.locator(".is-faulty").count() == 1
    page.get_by_role("button", name="试算（不写入数据）").click()
    page.locator("#progress").wait_for()
    assert faults == []
