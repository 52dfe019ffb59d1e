"""Files as people bring them, and imports of them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from intake.models import ImportJob
from intake.services import create_import, run_import

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
Write = Callable[..., Path]
Import = Callable[..., ImportJob]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The tests quote sentences; which language they were said in is not their subject."""
    with translation.override("en"):
        yield


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text as a file; encodings as the codec names them."""

    def write(text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def import_file() -> Import:
    """Make the job and run it."""

    def import_file(kind: str, path: Path, mapping: Mapping[str, Any] | None = None, **options: Any) -> ImportJob:
        job = create_import(kind=kind, path=path, mapping=mapping, by=None, now=NOW, **options)
        return run_import(job_id=job.pk, now=NOW)

    return import_file
