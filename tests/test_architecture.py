"""The house: rooms, floors of relations, plain rules, imports at the top, no model signals.

Each guard is a function over a folder of apps, so that each can be shown a small planted house that it must refuse.
"""

import ast
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

CONTRACTS = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS: list[list[str]] = [layer.split(" | ") for layer in CONTRACTS[0]["layers"]]
FLOORS = [app for layer in LAYERS for app in layer]

ROOMS = {
    *("apps", "migrations", "urls", "checks", "templatetags", "locale", "static", "templates"),
    *("admin", "api", "pages", "webhooks", "management", "handlers", "consumers", "privacy"),
    *("tasks", "services", "selectors", "models", "rules", "events", "enums", "errors"),
}
LIBRARY = {
    "files",
    "http",
    "keys",
    "registries",
    "roles",
    "context",
    "moments",
    "reading",
    "middleware",
    "admin",
    "api",
    "catalogues",
}
WIRING = {
    *(
        "settings",
        "wsgi",
        "asgi",
        "celery",
        "beat",
        "broker",
        "runs",
        "databases",
        "environment",
        "logs",
        "unfold",
        "api_settings",
    ),
    *("engine", "postgres", "backup", "run", "demo", "bench", "admin_site", "api_settings", "health"),
}
OUTSIDE = {"client", "simulator"}
EXTRA = {"core": LIBRARY, "scrm": WIRING, "wecom": OUTSIDE}
NOT_PLAIN = ("django.db", "django.conf", "django.utils.timezone", "django.core.cache", "django.http", "time")
PLAIN = ("django.db.models.TextChoices", "django.db.models.IntegerChoices")  # enumerations, no state
CLOCK = {"now", "today", "utcnow"}


def sources(house: Path, apps_of: list[str]) -> Iterator[tuple[str, Path, ast.Module]]:
    """App, path and syntax tree of every module outside the migrations."""
    for app in apps_of:
        for path in sorted((house / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield app, path.relative_to(house), ast.parse(path.read_text(encoding="utf-8"))


def strange_rooms(house: Path, apps_of: list[str]) -> list[str]:
    found = []
    for app in apps_of:
        for path in sorted((house / app).iterdir()):
            if path.name.startswith(("_", ".")):
                continue
            if path.stem not in ROOMS | EXTRA.get(app, set()):
                found.append(f"{app}/{path.name}")
    return found


def inner_imports(house: Path, apps_of: list[str]) -> list[str]:
    found = []
    for _, path, tree in sources(house, apps_of):
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        for function in functions:
            inside = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            found += [f"{path}:{node.lineno}" for node in inside]
    return sorted(set(found))


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def model_signals(house: Path, apps_of: list[str]) -> list[str]:
    forbidden = ("django.db.models.signals", "django.dispatch", "django.db.models.signals.")
    return [
        f"{path}:{line} {name}"
        for _, path, tree in sources(house, apps_of)
        for line, name in imported(tree)
        if name.startswith(forbidden)
    ]


def rules_that_are_not_plain(house: Path, apps_of: list[str]) -> list[str]:
    """They import Django's state, or ask the clock."""
    found = []
    for app, path, tree in sources(house, apps_of):
        if path.relative_to(app).parts[0] not in {"rules", "rules.py"}:
            continue
        found += [
            f"{path}:{line} {name}"
            for line, name in imported(tree)
            if name not in PLAIN and any(name == root or name.startswith(f"{root}.") for root in NOT_PLAIN)
        ]
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        found += [
            f"{path}:{call.lineno} asks the clock"
            for call in calls
            if isinstance(call.func, ast.Attribute) and call.func.attr in CLOCK and not call.args
        ]
    return found


def upward_relations(models: list[tuple[str, str, str]]) -> list[str]:
    """Of (app, field, app that the field points to), those that point to a higher floor, or to a neighbour's."""
    height = {app: -place for place, layer in enumerate(LAYERS) for app in layer}
    return [
        f"{field} points up to {to}"
        for app, field, to in models
        if app in height and to != app and height.get(to, -100) >= height[app]
    ]


def relations() -> list[tuple[str, str, str]]:
    found = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            to = field.related_model
            if field.concrete and isinstance(to, type) and issubclass(to, Model):
                label = f"{model._meta.label}.{field.name}"
                found.append((model._meta.app_label, label, to._meta.app_label))
    return found


GUARDS: list[Callable[[Path, list[str]], list[str]]] = [
    strange_rooms,
    inner_imports,
    model_signals,
    rules_that_are_not_plain,
]


@pytest.mark.parametrize("guard", GUARDS)
def test_house_keeps(guard: Callable[[Path, list[str]], list[str]]) -> None:
    assert guard(settings.BASE_DIR, FLOORS) == []


def test_relations_between_models_follow_the_floors() -> None:
    assert upward_relations(relations()) == []


@pytest.fixture
def planted(tmp_path: Path) -> Callable[[str, str], Path]:
    def plant(name: str, text: str) -> Path:
        path = tmp_path / "members" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path

    return plant


@pytest.mark.parametrize(
    ("guard", "name", "text", "said"),
    [
        (strange_rooms, "utils.py", "", "members/utils.py"),
        (strange_rooms, "helpers/__init__.py", "", "members/helpers"),
        (strange_rooms, "keys.py", "", "members/keys.py"),
        (inner_imports, "services.py", "def do():\n    import json\n", "members/services.py:2"),
        (
            inner_imports,
            "services/x.py",
            "class A:\n  async def f(self):\n    from a import b\n",
            "members/services/x.py:3",
        ),
        (
            model_signals,
            "apps.py",
            "from django.db.models.signals import post_save\n",
            "members/apps.py:1 django.db.models.signals.post_save",
        ),
        (
            model_signals,
            "apps.py",
            "from django.dispatch import receiver\n",
            "members/apps.py:1 django.dispatch.receiver",
        ),
        (rules_that_are_not_plain, "rules.py", "from django.db import models\n", "members/rules.py:1 django.db.models"),
        (
            rules_that_are_not_plain,
            "rules/a.py",
            "from django.utils import timezone\n",
            "members/rules/a.py:1 django.utils.timezone",
        ),
        (
            rules_that_are_not_plain,
            "rules/a.py",
            "import datetime\nA = datetime.datetime.now()\n",
            "members/rules/a.py:2 asks the clock",
        ),
    ],
)
def test_guard_catches_what_is_planted(
    planted: Callable[[str, str], Path],
    guard: Callable[[Path, list[str]], list[str]],
    name: str,
    text: str,
    said: str,
) -> None:
    assert guard(planted(name, text), ["members"]) == [said]


def test_guard_of_relations_catches_what_is_planted() -> None:
    planted = [("members", "members.Member.tier", "segments"), ("segments", "segments.Tier.member", "members")]
    assert upward_relations(planted) == ["members.Member.tier points up to segments"]
