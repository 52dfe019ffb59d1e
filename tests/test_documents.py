"""The documents say what the code does: settings, commands, links."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r'environment\s*\.\s*(?:text|flag|number|choice|items)\(\s*"([A-Z_]+)"')
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
OUR_PACKAGES = (
    "scrm",
    "core",
    "audit",
    "accounts",
    "members",
    "timeline",
    "compliance",
    "intake",
    "segments",
    "loyalty",
    "content",
    "campaigns",
    "community",
    "dashboards",
    "wecom",
)


def settings_read(root: Path) -> set[str]:
    sources = (path for package in OUR_PACKAGES for path in (root / package).rglob("*.py"))
    return {name for path in sources for name in READ.findall(path.read_text(encoding="utf-8"))}


def undocumented(names: set[str], document: str) -> set[str]:
    return {name for name in names if f"| `{name}` |" not in document}


def test_every_setting_is_documented() -> None:
    names = settings_read(ROOT)
    assert "SCRM_HOME" in names
    assert undocumented(names, (ROOT / "docs/operations.md").read_text(encoding="utf-8")) == set()


def test_a_setting_without_a_row_is_found(tmp_path: Path) -> None:
    (tmp_path / "scrm").mkdir()
    (tmp_path / "scrm" / "settings.py").write_text('X = environment.flag("SCRM_PLANTED")\n', encoding="utf-8")
    assert undocumented(settings_read(tmp_path), "| `SCRM_HOME` | … |") == {"SCRM_PLANTED"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document_names_only_commands_and_files_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    assert commands - {"help", *get_commands()} == set()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []
