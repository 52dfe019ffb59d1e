"""A production installation with a demo's settings does not begin."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.checks import CheckMessage

from core import keys
from scrm import checks
from scrm.postgres import system_user
from scrm.postgres.place import place

GOOD = {
    "SCRM_ENV": "production",
    "SCRM_SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SCRM_ALLOWED_HOSTS": "crm.example.com",
    "DATABASE_URL": "postgresql://scrm_app:x@db.example.com/scrm",
    "DATABASE_OWNER_URL": "postgresql://scrm_owner:x@db.example.com/scrm",
}


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "master.json"
    keys.create_key_ring(path)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **GOOD, "SCRM_HOME": str(tmp_path), "SCRM_MASTER_KEYS": str(path)}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_complete_production_passes_the_checks_of_django_too(production: dict[str, str]) -> None:
    done = run(production, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("changed", "check_of", "identity"),
    [
        ({"SECRET_KEY": settings.DEMO_SECRET_KEY}, checks.secret_key, "scrm.E001"),
        ({"SECRET_KEY": "a" * 80}, checks.secret_key, "scrm.E001"),
        ({"SECRET_KEY": "short-but-odd"}, checks.secret_key, "scrm.E001"),
        ({"DEBUG": True}, checks.debug, "scrm.E002"),
        ({"ALLOWED_HOSTS": ["crm.example.com", "*"]}, checks.hosts, "scrm.E003"),
        ({"ALLOWED_HOSTS": []}, checks.hosts, "scrm.E003"),
        ({"SESSION_COOKIE_SECURE": False}, checks.https, "scrm.E004"),
        ({"EMBEDDED_POSTGRES": True}, checks.database, "scrm.E005"),
        ({"SCRM_MASTER_KEYS": Path("/nowhere/master.json")}, checks.master_keys, "scrm.E006"),
        ({"DATABASE_ROLES": {"app": {"USER": "one"}, "owner": {"USER": "one"}}}, checks.two_roles, "scrm.W001"),
    ],
)
def test_unfit_setting_is_named(
    settings: LazySettings, changed: dict[str, Any], check_of: Callable[..., list[CheckMessage]], identity: str
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    assert [message.id for message in check_of(None)] == [identity]


def test_master_keys_that_others_can_read_are_named(settings: LazySettings, tmp_path: Path) -> None:
    settings.SCRM_MASTER_KEYS = tmp_path / "master.json"
    keys.create_key_ring(settings.SCRM_MASTER_KEYS)
    assert checks.master_keys(None) == []
    settings.SCRM_MASTER_KEYS.chmod(0o640)
    assert [message.id for message in checks.master_keys(None)] == ["scrm.E006"]


@pytest.mark.parametrize("begin", [["manage.py", "sync_schedules"], ["-c", "import scrm.wsgi"]])
def test_nothing_begins_with_an_unfit_setting(production: dict[str, str], begin: list[str]) -> None:
    done = run({**production, "SCRM_SECRET_KEY": ""}, *begin)
    assert done.returncode != 0
    assert "scrm.E001" in done.stderr


@pytest.mark.parametrize(
    "outside",
    [
        {"SCRM_ALLOWED_HOSTS": "127.0.0.1,crm.example.com"},
        {"SCRM_ALLOWED_HOSTS": "127.0.0.1,127.example.com"},
        {"SCRM_ALLOWED_HOSTS": "*"},
        {"SCRM_TRUSTED_PROXIES": "10.0.0.0/8"},
        {"SCRM_TRUSTED_ORIGINS": "https://crm.example.com"},
        {"SCRM_BEHIND_PROXY": "1"},
        {"DATABASE_URL": "postgresql://scrm@127.0.0.1/scrm"},
        {"DATABASE_URL": "postgresql://scrm@db.example.com/scrm"},
        {"DATABASE_URL": "postgresql://scrm@/scrm?host=/var/run/postgresql"},
    ],
)
def test_key_of_the_demo_is_refused_where_others_come_in(production: dict[str, str], outside: dict[str, str]) -> None:
    demo = {name: value for name, value in production.items() if name not in GOOD}
    (name,) = outside
    done = run({**demo, **outside}, "manage.py", "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{name} is set, but sessions would be signed with the demo's key")
    assert run({**demo, **outside, "SCRM_SECRET_KEY": GOOD["SCRM_SECRET_KEY"]}, "manage.py", "check").returncode == 0


@pytest.mark.parametrize("begin", ["scrm.wsgi", "scrm.asgi", "scrm.celery; scrm.celery.app.conf.task_queues"])
def test_no_process_begins_with_the_key_of_the_demo_where_others_come_in(
    production: dict[str, str], begin: str
) -> None:
    forgotten = {name: value for name, value in production.items() if name not in {"SCRM_ENV", "SCRM_SECRET_KEY"}}
    done = run(forgotten, "-c", f"import {begin}")
    assert done.returncode != 0
    assert "SCRM_ALLOWED_HOSTS is set, but sessions would be signed with the demo's key" in done.stderr


def test_key_of_the_demo_is_good_for_trying_out(production: dict[str, str]) -> None:
    demo = {name: value for name, value in production.items() if name not in GOOD}
    for local in ({}, {"SCRM_ALLOWED_HOSTS": "127.0.0.1,localhost,[::1],shop.localhost"}):
        assert run({**demo, **local}, "manage.py", "check").returncode == 0
    embedded = place(Path(production["SCRM_HOME"]), user=system_user.DEFAULT).run
    handed_on = {"DATABASE_URL": f"postgresql://scrm@/scrm?host={embedded}"}
    assert run({**demo, **handed_on}, "manage.py", "check").returncode == 0


def test_wrong_value_is_a_sentence_without_a_traceback(production: dict[str, str]) -> None:
    done = run({**production, "SCRM_PORT": "eighty"}, "manage.py", "check")
    assert (done.returncode, done.stderr) == (1, "SCRM_PORT must be a whole number from 1 to 65535, not 'eighty'.\n")


def test_silent_database_is_a_sentence_without_a_traceback(production: dict[str, str]) -> None:
    nobody = {"DATABASE_URL": "postgresql://u@127.0.0.1:1/b", "DATABASE_OWNER_URL": "postgresql://o@127.0.0.1:1/b"}
    done = run({**production, **nobody}, "manage.py", "migrate", "--skip-checks")
    assert done.returncode == 1
    assert done.stderr.startswith("PostgreSQL at 127.0.0.1:1 does not let us in (")
    assert "Traceback" not in done.stderr
