"""As root, PostgreSQL must run as somebody else: a system user that owns the data and nothing more."""

import pwd
import shutil
import subprocess
import sys

from scrm.postgres.errors import DatabaseUnavailableError

DEFAULT = "scrm"


def find(name: str, *, may_create: bool) -> pwd.struct_passwd:
    """The system user of this name; made when that is allowed, and said aloud."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        if may_create and name == DEFAULT:
            return _create(name)
    raise DatabaseUnavailableError(
        f"PostgreSQL does not run as root, and there is no system user {name!r} to run it. "
        f"Create one (useradd --system --no-create-home --shell /usr/sbin/nologin {name}), name another with "
        "SCRM_POSTGRES_USER, set DATABASE_URL to a server of yours, or do not work as root."
    )


def _create(name: str) -> pwd.struct_passwd:
    if shutil.which("useradd"):
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", "/usr/sbin/nologin", name]
    elif shutil.which("adduser"):  # BusyBox
        command = ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", name]
    else:
        raise DatabaseUnavailableError(f"PostgreSQL does not run as root: create a system user {name!r} for it.")
    sys.stderr.write(f"PostgreSQL does not run as root: creating the system user {name!r} ({' '.join(command)})\n")
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        return pwd.getpwnam(name)  # two that create it at once: one fails, both find it
    except KeyError:
        raise DatabaseUnavailableError(f"The system user {name!r} could not be made: {done.stderr.strip()}") from None
