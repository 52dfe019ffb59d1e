"""What how-to.md lets a reader type at the API is typed here: against a server, with a key of the scopes that it names."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tests import api

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
SERVER = "http://127.0.0.1:8000"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SCOPE = re.compile(r"`([a-z-]+:(?:read|write))`")
CURL = shutil.which("curl")


@dataclass(frozen=True)
class Typed:
    """A block of a document with the scopes that its section names, and how often it asks the API."""

    document: str
    text: str
    scopes: tuple[str, ...]

    @property
    def asks(self) -> int:
        return len(re.findall(r"^curl ", self.text, re.MULTILINE))


def typed_in(document: str, text: str) -> list[Typed]:
    """Every block that asks the API."""
    found = []
    for block in BLOCK.finditer(text):
        section = text[: block.start()].rpartition("\n## ")[2]
        made = Typed(document, block[1], tuple(dict.fromkeys(SCOPE.findall(section))))
        found += [made] if made.asks else []
    return found


TYPED = [
    typed for path in DOCUMENTS for typed in typed_in(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
]


@pytest.fixture
def curl(tmp_path: Path) -> Path:
    """A folder whose `curl` is the real one and says nothing but the status of each answer."""
    if CURL is None:
        assert not os.environ.get("CI"), "install curl, so that what the documents say is tried"
        pytest.skip("no curl is installed")
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "curl"
    program.write_text(f"#!/bin/sh\nexec {CURL} -sS --noproxy '*' -o /dev/null -w '%{{http_code}}\\n' \"$@\"\n")
    program.chmod(0o755)
    return folder


def statuses(typed: Typed, server: LiveServer, curl: Path, *scopes: str) -> list[str]:
    """What the server answers to a key of these scopes."""
    _key, secret = api.key_of(api.program(), *scopes)
    assert SERVER in typed.text
    done = subprocess.run(
        ["sh", "-e"],
        input=typed.text.replace(SERVER, server.url),
        cwd=curl.parent,
        env={"PATH": f"{curl}:{os.environ['PATH']}", "KEY": secret},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


def test_there_is_something_to_type() -> None:
    assert {typed.document: typed.asks for typed in TYPED} == {"docs/how-to.md": 2}
    assert all(typed.scopes for typed in TYPED)


def test_block_is_found_with_the_scopes_of_its_own_section() -> None:
    text = "## A\n`members:write`\n## B\nWith `tags:read`.\n\n```sh\ncurl -H x \\\n  y\ncurl z\n```\n\n```sh\nls\n```\n"
    (found,) = typed_in("x.md", text)
    assert (found.asks, found.scopes) == (2, ("tags:read",))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: typed.document)
def test_what_a_document_lets_type_is_answered(typed: Typed, live_server: LiveServer, curl: Path) -> None:
    api.member(pk=1)
    assert [status[0] for status in statuses(typed, live_server, curl, *typed.scopes)] == ["2"] * typed.asks
    for left_out in typed.scopes:
        kept = [scope for scope in typed.scopes if scope != left_out] or ["accounts:read"]
        assert "403" in statuses(typed, live_server, curl, *kept), f"{left_out} is not needed"
