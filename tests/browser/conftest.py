"""Chromium as it is installed on the machine; where there is none the tests say so, except where everything has to run."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.brand import PASSWORD, administrator, found_brand

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = os.environ.get("SCRM_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip("no Chromium is installed")
    return {**browser_type_launch_args, "executable_path": found, "args": list(QUIET)}


@pytest.fixture(scope="session")
def no_connection_left_behind(django_db_setup: None) -> None:
    """While Playwright's loop runs, this thread has connections of their own, and `close()` reaches only those.

    One from before would stay open, and a child that a test forks would find and share it.
    """
    connections.close_all()


@pytest.fixture(scope="session")
def playwright(no_connection_left_behind: None, playwright: Playwright) -> Iterator[Playwright]:
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session", autouse=True)
def queries_beside_the_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread; the queries of the tests are none of its business."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def pages_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """An open page holds a thread of the server, and that one a session of the database."""
    yield
    if "browser" in request.fixturenames:
        for context in request.getfixturevalue("browser").contexts:
            context.close()


@pytest.fixture
def brand(transactional_db: None) -> User:
    """Three of everything, and the administrator who sees it."""
    admin = administrator()
    found_brand(3)
    return admin


def open_context(
    browser: Browser,
    live_server: LiveServer,
    language: str,
    width: int,
    scheme: str = "light",
    *,
    username: str = "admin",
) -> BrowserContext:
    """A browser of that language, width and colour scheme, in which that person is signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale="zh-CN" if language == "zh-hans" else "en-US",
        color_scheme="dark" if scheme == "dark" else "light",
        base_url=live_server.url,
    )
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_url(lambda address: "/login/" not in address)
    page.close()
    return context


def faults_of(page: Page) -> list[str]:
    """Collects what the console says while the page is used."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return faults
