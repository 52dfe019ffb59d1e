"""The embedded server: made once, started by whoever needs it first, stopped when the last one has gone."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from scrm.postgres import binaries, configuration, keeper, system_user
from scrm.postgres.errors import DatabaseUnavailableError
from scrm.postgres.place import PORT, SYSTEM_ROOT, Place, place

INITDB = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
INITDB += ["--auth-local=peer", "--auth-host=reject", f"--username={configuration.SUPERUSER}"]
ROOM_NEEDED = 200 * 2**20
PATIENCE = 30.0
PAUSE = 0.05
SURE = 4
# psycopg gives no code for a refused connection; the server's words are fixed by its C locale.
NOT_YET = ("starting up", "shutting down", "not yet accepting", "in recovery mode")
SHARED_MEMORY_IN_USE = "shared memory block"


class Server:
    """The server of one SCRM_HOME, as seen from this process."""

    def __init__(
        self,
        home: Path,
        *,
        user: str = system_user.DEFAULT,
        may_create_user: bool = False,
        unsafe: bool = False,
        system_root: Path = SYSTEM_ROOT,
    ) -> None:
        self.place: Place = place(home, user=user, system_root=system_root)
        self._may_create_user = may_create_user
        self._unsafe = unsafe
        self._system_root = system_root
        self._share: int | None = None

    def ensure(self, *, again: bool = False) -> None:
        """The server answers when this returns, and goes on until this process (and its forks) ends.

        Costs nothing when called again; `again` asks the server anew, after a connection was refused.
        """
        if self._share is not None and not again:
            return
        with self._speaking_plainly():
            self._prepare_folders()
            with self._starting():
                if self._share is None:
                    self._share = keeper.lock(self.place.root / "users.lock", fcntl.LOCK_SH)
                if not self._answers():
                    self._start()
                self._leave_keeper()

    def leave(self, *, patience: float = PATIENCE) -> None:
        """Stop counting this process as a user; waits for the server's end if nobody else is left."""
        if self._share is None:
            return
        os.close(self._share)
        self._share = None
        end = time.monotonic() + patience
        seen = 0  # once may be the keeper's own lock, taken between two of our questions
        while time.monotonic() < end and seen < SURE and not self.kept and self._keeper_is_there():
            seen = seen + 1 if self._has_users() else 0
            time.sleep(PAUSE)

    def stop(self) -> None:
        """Stop it now, whoever uses it."""
        self.kept = False
        if self.place.data.exists():
            with self._starting():
                keeper.stop(self.place.data)

    @property
    def kept(self) -> bool:
        """Whether it goes on without users, by choice."""
        return (self.place.root / "kept").exists()

    @kept.setter
    def kept(self, value: bool) -> None:
        mark = self.place.root / "kept"
        if value:
            mark.touch()
        else:
            mark.unlink(missing_ok=True)

    @property
    def pid(self) -> int:
        """Process id of the running server, 0 when it is down."""
        return keeper.postmaster(self.place.data / "postmaster.pid", self.place.data)

    @property
    def share(self) -> int:
        """File descriptor that counts this process as a user."""
        if self._share is None:
            raise DatabaseUnavailableError("This process does not use the embedded PostgreSQL.")
        return self._share

    def parameters(self, role: str, database: str = configuration.DATABASE) -> dict[str, Any]:
        """Libpq's words for a connection as this role."""
        return {"host": str(self.place.run), "port": PORT, "user": role, "dbname": database}

    # -- starting ------------------------------------------------------------------------------------------------

    @contextmanager
    def _speaking_plainly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DatabaseUnavailableError(
                f"The embedded PostgreSQL cannot use {error.filename or self.place.root}: {error.strerror}. "
                "SCRM_HOME must be a folder of yours with free space."
            ) from error

    def _prepare_folders(self) -> None:
        here = self.place
        if here.user:
            system_user.find(here.user, may_create=self._may_create_user)
            self._system_root.mkdir(mode=0o755, parents=True, exist_ok=True)
        for folder in (here.root, here.conf):
            folder.mkdir(mode=0o755 if here.user else 0o700, parents=True, exist_ok=True)
        for folder in (here.log, here.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._own(folder)

    def _own(self, folder: Path) -> None:
        """Data, log and socket belong to the server's user and are closed to others."""
        status = folder.lstat()
        owner = system_user.find(self.place.user, may_create=False).pw_uid if self.place.user else os.geteuid()
        if self.place.user and status.st_uid == 0 and not folder.is_symlink():
            shutil.chown(folder, owner)
        elif status.st_uid != owner or folder.is_symlink():
            raise DatabaseUnavailableError(f"{folder} belongs to another user: give SCRM_HOME a folder of your own.")
        folder.chmod(0o700)

    @contextmanager
    def _starting(self) -> Iterator[None]:
        held = keeper.lock(self.place.root / "start.lock", fcntl.LOCK_EX)
        try:
            yield
        finally:
            if held is not None:
                os.close(held)

    def _start(self) -> None:
        programs = binaries.readable_copy(self._system_root) if self.place.user else binaries.find()
        if not self.place.data.exists():
            self._create(programs)
        self._refuse_other_version(programs)
        configuration.write(self.place, unsafe=self._unsafe)
        end = time.monotonic() + PATIENCE
        while not self._launch(programs, last_try=time.monotonic() > end):
            time.sleep(0.3)
        if not self._answers():
            raise DatabaseUnavailableError(self._why_not())

    def _launch(self, programs: Path, *, last_try: bool) -> bool:
        """False asks for another try: for a moment after a kill, the children hold the shared memory."""
        keeper.stop(self.place.data)  # one that runs but does not answer
        self._remove_stale_files()
        log = self.place.log / "start.log"
        log.unlink(missing_ok=True)
        try:
            self._run(programs / "pg_ctl", "start", "--wait", "--silent", f"--pgdata={self.place.conf}", f"--log={log}")
        except DatabaseUnavailableError:
            if last_try or SHARED_MEMORY_IN_USE not in _tail(log):
                raise
            return False
        return True

    def _create(self, programs: Path) -> None:
        """A whole cluster or none: it is made under another name."""
        if shutil.disk_usage(self.place.root).free < ROOM_NEEDED:
            raise DatabaseUnavailableError(
                f"The disk of {self.place.root} is full: PostgreSQL needs {ROOM_NEEDED // 2**20} MB to begin. "
                "Make room, or point SCRM_HOME to another disk."
            )
        for left_over in self.place.root.glob("data.new*"):
            shutil.rmtree(left_over)
        new = self.place.root / "data.new"
        new.mkdir(mode=0o700)
        self._own(new)
        self._run(programs / "initdb", *INITDB, f"--pgdata={new}")
        self._run(programs / "postgres", "--single", "-D", str(new), "template1", said=configuration.FIRST_STATEMENTS)
        new.rename(self.place.data)

    def _refuse_other_version(self, programs: Path) -> None:
        of_data = (self.place.data / "PG_VERSION").read_text().strip()
        of_programs = binaries.major_version(programs)
        if of_data != of_programs:
            raise DatabaseUnavailableError(
                f"{self.place.data} was made by PostgreSQL {of_data}, the programs here are {of_programs}: "
                "dump it with the old version and load it with the new one."
            )

    def _remove_stale_files(self) -> None:
        """A killed server leaves its number behind; the number may meanwhile be another process's."""
        for path in (self.place.data / "postmaster.pid", self.place.run / f"{self.place.socket.name}.lock"):
            if path.exists() and not keeper.postmaster(path, self.place.data):
                path.unlink()

    def _run(self, program: Path, *arguments: str, said: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            [str(program), *arguments],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_clean(os.environ),
            start_new_session=True,
            umask=0o077,
            **self._as_user(),
        )
        if done.returncode:
            raise DatabaseUnavailableError(self._why_not(done.stderr or ""))

    def _as_user(self) -> dict[str, Any]:
        if not self.place.user:
            return {}
        user = system_user.find(self.place.user, may_create=False)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    # -- asking --------------------------------------------------------------------------------------------------

    def _answers(self) -> bool:
        """Asks on the socket; waits while a server says that it is about to begin or to end."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                psycopg.connect(**self.parameters(configuration.APP, "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if not any(words in str(error) for words in NOT_YET):
                    return False
            else:
                return True
            time.sleep(PAUSE)
        return False

    def _why_not(self, said: str = "") -> str:
        log = "\n".join([said, *(_tail(path) for path in sorted(self.place.log.glob("*.log"), key=_age)[-2:])])
        if "No space left on device" in log:
            return f"The disk of {self.place.root} is full: make room, or point SCRM_HOME to another disk."
        last = next((line for line in reversed(log.splitlines()) if "FATAL" in line or "error" in line.lower()), log)
        return f"The embedded PostgreSQL does not start: {last.strip() or 'it says nothing'} (log: {self.place.log})"

    # -- ending --------------------------------------------------------------------------------------------------

    def _leave_keeper(self) -> None:
        if self._keeper_is_there():
            return
        subprocess.run(  # noqa: S603
            [sys.executable, "-I", "-S", "-c", DETACH, keeper.__file__, str(self.place.root)],
            check=True,
            cwd="/",
            env=_clean(os.environ),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _keeper_is_there(self) -> bool:
        return not keeper.is_free(self.place.root / "keeper.lock")

    def _has_users(self) -> bool:
        """Others hold a share; the keeper at its end holds everything, and is no user."""
        users = self.place.root / "users.lock"
        shared = keeper.lock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if shared is None:
            return False
        os.close(shared)
        return not keeper.is_free(users)


# The keeper must be nobody's child: its parent may be a program that counts or waits for its children.
# It says a word when it is at work.
DETACH = """
import subprocess, sys
command = [sys.executable, "-I", "-S", *sys.argv[1:]]
subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE).stdout.readline()
"""


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Libpq and PostgreSQL read PG*, the locale shapes messages that we read."""
    kept = {name: value for name, value in environment.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "LC_MESSAGES": "C"}


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-4000:] if path.exists() else ""


def _age(path: Path) -> float:
    return path.stat().st_mtime
