"""Where the embedded server keeps its things, and as which user it runs."""

import hashlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PORT = "5432"
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_LIMIT = 103 if sys.platform == "darwin" else 107
SYSTEM_ROOT = Path("/var/lib/scrm")


@dataclass(frozen=True)
class Place:
    """Folders of one server. `user` is the system user it runs as when we are root, else empty.

    Under root `root` belongs to root and `data`, `run` and `log` to the user: nothing of the checkout, nor of the
    home above it, has to be opened to anybody.
    """

    root: Path
    run: Path
    user: str = ""

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def conf(self) -> Path:
        return self.root / "conf"

    @property
    def socket(self) -> Path:
        return self.run / SOCKET_NAME


def place(home: Path, *, user: str, system_root: Path = SYSTEM_ROOT) -> Place:
    """The place of the server of this home; touches nothing."""
    if os.geteuid() == 0:
        root = system_root / _tag(home)
        return Place(root=root, run=root / "run", user=user)
    root = home / "postgres"
    return Place(root=root, run=_short(root / "run", home))


def _short(run: Path, home: Path) -> Path:
    """A socket's path has a limit; a deep checkout gets a folder of the user's own in the temporary one."""
    if len(os.fsencode(run / SOCKET_NAME)) <= SOCKET_LIMIT:
        return run
    short = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"scrm-{os.geteuid()}-{_tag(home)}"
    if len(os.fsencode(short / SOCKET_NAME)) <= SOCKET_LIMIT:
        return short
    return Path("/tmp") / short.name  # noqa: S108  # the folder is ours alone: owner and mode are checked


def _tag(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
