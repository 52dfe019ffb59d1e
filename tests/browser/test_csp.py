"""The policy of the pages: nothing of ours breaks it, and a script that somebody smuggled in does not run."""

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser.conftest import faults_of, open_context

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PAGES = (
    "accounts:second_factor_set_up",
    "accounts:second_factor_own",
    "accounts:locks",
    "accounts:exports",
    "admin:members_member_changelist",
    "segments:tiers",
    "dashboards:today",
    "admin:password_change",
    "api:docs",
)


def test_pages_keep_the_policy(brand: User, browser: Browser, live_server: LiveServer) -> None:
    page = open_context(browser, live_server, "zh-hans", 1440).new_page()
    faults = faults_of(page)
    for name in PAGES:
        response = page.goto(reverse(name))
        assert response is not None
        assert response.status == 200, name
        assert "default-src 'none'" in response.headers["content-security-policy"], name
        page.wait_for_timeout(150)
    assert faults == []


def test_a_smuggled_script_does_not_run_and_is_a_fault(brand: User, browser: Browser, live_server: LiveServer) -> None:
    page = open_context(browser, live_server, "en", 1440).new_page()
    faults = faults_of(page)
    page.goto(reverse("dashboards:today"))
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.smuggled = 1'; document.body.append(s);"
        " const i = document.createElement('img'); i.src = 'http://evil.example/x.png'; document.body.append(i); }"
    )
    page.wait_for_timeout(150)
    assert page.evaluate("window.smuggled") is None
    assert (
        len([fault for fault in faults if "Content Security Policy" in fault or "Content-Security-Policy" in fault])
        >= 2
    )


def test_every_answer_has_its_headers(brand: User, settings: LazySettings) -> None:
    client = Client()
    for address in ("/admin/login/", "/admin/members/member/", "/nowhere/", "/api/v1/tiers/"):
        headers = client.get(address).headers
        assert headers["Permissions-Policy"].startswith("accelerometer=()")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert "'unsafe-inline'" not in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"]
