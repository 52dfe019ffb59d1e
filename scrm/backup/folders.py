"""Folders as a stream (tar): plain files only, with their rights, as they were before a point in time."""

import os
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.files.appending import append_lines

ASIDE = ".before-restore"


def files_below(folder: Path, *, leaving_out: Iterable[str] = ()) -> Iterator[Path]:
    """Plain files, without links and without the named folders at the top."""
    left_out = {folder / name for name in leaving_out}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if Path(place, name) not in left_out)
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path


def write_tar(stream: Any, folder: Path, files: Iterable[Path], *, before: float) -> int:
    """Each file as long as it was when it was opened; one that is gone or newer is left out. Answers how many."""
    count = 0
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path in files:
            count += _add(tar, path, path.relative_to(folder), before)
    return count


def read_tar(pieces: Iterable[bytes], folder: Path) -> int:
    """Write the files below the folder; answers how many."""
    count = 0
    with tarfile.open(fileobj=_Stream(pieces), mode="r|") as tar:  # type: ignore[call-overload]
        for entry in tar:
            tar.extract(entry, folder, filter="data")
            count += 1
    return count


@contextmanager
def replacing(folder: Path, fill: Callable[[Path], int]) -> Iterator[int]:
    """A folder filled anew stands in the place of `folder` while the block runs; the old one is back when it fails.

    Gives what `fill` answered.
    """
    new, aside = folder.with_name(f"{folder.name}.restoring"), folder.with_name(folder.name + ASIDE)
    for left_over in (new, aside):
        shutil.rmtree(left_over, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    try:
        filled = fill(new)
        if folder.exists():
            folder.rename(aside)
        new.rename(folder)
        yield filled
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if aside.exists():
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def merge_growing(old: Path, here: Path) -> list[str]:
    """Bring files that only grow together with those here; answers the names of those that had gone apart.

    A longer one that goes on from the other wins; where neither does, the lines that are missing are added.
    """
    apart = []
    here.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in files_below(old):
        there = here / path.relative_to(old)
        if not add_missing_lines(path, there):
            apart.append(there.name)
    return apart


def add_missing_lines(old: Path, here: Path) -> bool:
    """Lines of `old` that are not in `here` are added; says whether one of the two went on from the other."""
    restored, present = old.read_bytes(), here.read_bytes() if here.exists() else b""
    if present.startswith(restored):
        return True
    known = set(present.splitlines())
    append_lines(here, [line for line in restored.splitlines() if line not in known])
    return restored.startswith(present)


def _add(tar: tarfile.TarFile, path: Path, name: Path, before: float) -> bool:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file:
        status = os.fstat(file.fileno())
        if status.st_mtime > before:
            return False
        entry = tarfile.TarInfo(str(name))
        entry.size, entry.mtime, entry.mode = status.st_size, int(status.st_mtime), status.st_mode & 0o777
        tar.addfile(entry, file)
    return True


class _Stream:
    """Pieces read as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._waiting = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._waiting) < size and (piece := next(self._pieces, None)) is not None:
            self._waiting += piece
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data


def size_of(files: Iterable[Path]) -> int:
    return sum(_size(path) for path in files)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
