"""The kept database of the suite is made anew when something changed that a migration may read."""

from pathlib import Path

import grimp
import pytest
from django.conf import settings

from tests.migrated import READ_BY_MIGRATIONS, fingerprint

APPS = sorted(path.parent.name for path in settings.BASE_DIR.glob("*/migrations"))


def test_all_that_migrations_import_of_ours_is_in_the_fingerprint() -> None:
    graph = grimp.build_graph(*APPS)
    begun = [module for module in graph.modules if ".migrations." in module and not module.startswith("core.")]
    assert begun
    needed = {path for module in begun for path in _files(graph, module)}
    known = {path for pattern in READ_BY_MIGRATIONS for path in settings.BASE_DIR.glob(pattern)}
    assert sorted(str(path.relative_to(settings.BASE_DIR)) for path in needed - known) == []


@pytest.mark.parametrize("changed", ["app/migrations/0001.py", "app/models/facts.py", "app/rules/shipped/words.csv"])
def test_a_change_there_gives_another_name(tmp_path: Path, changed: str) -> None:
    path = tmp_path / changed
    path.parent.mkdir(parents=True)
    path.write_text("a")
    before = fingerprint(tmp_path)
    (tmp_path / "app" / "services.py").write_text("b")
    assert fingerprint(tmp_path) == before
    path.write_text("b")
    assert fingerprint(tmp_path) != before


def _files(graph: grimp.ImportGraph, module: str) -> set[Path]:
    direct = graph.find_modules_directly_imported_by(module) | {module}
    return {path for each in direct for path in _paths(each)}


def _paths(module: str) -> list[Path]:
    base = settings.BASE_DIR.joinpath(*module.split("."))
    return [path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()]
