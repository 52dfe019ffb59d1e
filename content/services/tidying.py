"""Leaving nothing behind: files of materials that broke off on their way."""

from datetime import datetime, timedelta
from pathlib import Path

from content.models import MaterialVersion
from content.services.files import folder

#: No upload takes longer: what no version names by then broke off.
UPLOAD_LASTS = timedelta(days=1)


def tidy_files(*, now: datetime) -> int:
    """Remove files a day old that no version names; answers how many.

    A process that was killed leaves half a file beside its place, or a whole one whose version was never kept.
    """
    latest = (now - UPLOAD_LASTS).timestamp()
    return sum(_remove(path, latest) for path in unnamed_files())


def unnamed_files() -> list[Path]:
    """Of uploads that are on their way just now, or that broke off."""
    lying = sorted(
        path for path in folder().rglob("*") if path.is_file()
    )  # before the versions: one made meanwhile is known
    named = set(MaterialVersion.objects.exclude(file_digest="").values_list("file_digest", flat=True).iterator())
    return [path for path in lying if path.name not in named]


def _remove(path: Path, latest: float) -> bool:
    """The same file may be uploaded anew just now, and is then young again."""
    try:
        broken = path.stat().st_mtime < latest
    except FileNotFoundError:
        return False
    if broken:
        path.unlink(missing_ok=True)
    return broken
