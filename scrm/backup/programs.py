"""pg_dump and pg_restore: which of them fits the server, and running them without a secret on the command line."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from scrm import databases
from scrm.backup.errors import BackupRefused
from scrm.postgres import binaries
from scrm.postgres.errors import DatabaseUnavailableError

CHUNK = 1 << 20
DEBIAN = Path("/usr/lib/postgresql")
#: From this version on a newer pg_restore says nothing that the server does not understand.
UNDERSTANDING = 17
# Messages that only wake somebody up, and sign-ins: neither should come to life again.
LEFT_OUT = ("pgmq.q_*", "pgmq.a_*", "public.django_session")


def find(program: str, *, server: int) -> Path:
    """The program of the server's own version, else a newer one that it understands. Raises BackupRefused."""
    known = {_version(path): path for path in _candidates(program)}
    if server in known:
        return known[server]
    newer = [version for version in known if version > server and (program == "pg_dump" or server >= UNDERSTANDING)]
    if newer:
        return known[min(newer)]
    raise BackupRefused(
        f"The server is PostgreSQL {server}, and there is no {program} for it here "
        f"(found: {', '.join(map(str, sorted(known))) or 'none'}). Install postgresql-client-{server}."
    )


@contextmanager
def dump(parameters: databases.Parameters, *, server: int, snapshot: str) -> Iterator[Iterator[bytes]]:
    """The database as pg_dump's custom format, piece by piece, as of an exported snapshot."""
    command = [str(find("pg_dump", server=server)), "--format=custom", "--compress=1", "--no-password"]
    command += [f"--snapshot={snapshot}", *(f"--exclude-table-data={name}" for name in LEFT_OUT)]
    with _running(command, parameters, stdout=subprocess.PIPE) as process:
        yield iter(lambda: process.stdout.read(CHUNK), b"")


def load(parameters: databases.Parameters, pieces: Iterable[bytes], *, server: int, entries: Iterable[str]) -> None:
    """Restore the named entries in one transaction; the objects become the connected role's own."""
    command = [str(find("pg_restore", server=server)), "--single-transaction", "--exit-on-error", "--no-password"]
    command += ["--no-owner", "--no-privileges", f"--dbname={parameters['NAME']}"]
    with _listed(entries) as listing:
        command.append(f"--use-list={listing}")
        with _running(command, parameters, stdin=subprocess.PIPE) as process:
            _feed(process, pieces)


def entries(pieces: Iterable[bytes], *, server: int) -> list[str]:
    """The table of contents, one line for each entry."""
    said = _asked([str(find("pg_restore", server=server)), "--list"], pieces)
    return [line for line in said.splitlines() if line and not line.startswith(";")]


def script(pieces: Iterable[bytes], *, server: int, entries: Iterable[str]) -> str:
    """The named entries as SQL; for entries without data."""
    with _listed(entries) as listing:
        return _asked([str(find("pg_restore", server=server)), f"--use-list={listing}", "--file=-"], pieces)


def _candidates(program: str) -> Iterator[Path]:
    with suppress(DatabaseUnavailableError):  # no wheel for this machine: those of the system remain
        yield binaries.find() / program
    yield from sorted(DEBIAN.glob(f"*/bin/{program}"))
    in_path = shutil.which(program)
    if in_path:
        yield Path(in_path)


def _version(path: Path) -> int:
    said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"(\d+)(?:\.\d+|devel|beta|rc)", said)
    return int(found[1]) if found else 0


def _asked(command: list[str], pieces: Iterable[bytes]) -> str:
    with tempfile.TemporaryFile() as answer:
        with _running(command, None, stdin=subprocess.PIPE, stdout=answer) as process:
            _feed(process, pieces)
        answer.seek(0)
        return answer.read().decode()


def _feed(process: "subprocess.Popen[bytes]", pieces: Iterable[bytes]) -> None:
    """A program that has read enough closes its end; whether it was content its exit code says."""
    if process.stdin is None:
        return
    with suppress(BrokenPipeError):
        for piece in pieces:
            process.stdin.write(piece)


@contextmanager
def _running(command: list[str], parameters: databases.Parameters | None, **streams: int | IO[bytes]) -> Iterator[Any]:
    """The program while the block runs; ended with it. Raises BackupRefused with the program's own words."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stderr=said, env=_environment(parameters), **streams)  # type: ignore[call-overload]  # noqa: S603
        try:
            yield process
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            for stream in filter(None, (process.stdin, process.stdout)):
                with suppress(BrokenPipeError):
                    stream.close()
        if process.wait():
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            raise BackupRefused(f"{Path(command[0]).name} gave up: {' '.join(words[-3:]) or 'it says nothing'}")


@contextmanager
def _listed(entries: Iterable[str]) -> Iterator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".list") as file:
        file.writelines(f"{line}\n" for line in entries)
        file.flush()
        yield file.name


def _environment(parameters: databases.Parameters | None) -> dict[str, str]:
    """Libpq's variables instead of arguments: a password in an argument is seen by everyone on the machine."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    said = {"LC_ALL": "C"}
    if parameters is not None:
        said |= databases.libpq_environment(parameters)
    return clean | said
