"""The server's configuration files, written anew at every start: folders and users may have changed since."""

import os
import pwd
from pathlib import Path

from scrm.postgres.errors import DatabaseUnavailableError
from scrm.postgres.place import PORT, Place

OWNER, APP, SUPERUSER, DATABASE = "scrm_owner", "scrm_app", "postgres", "scrm"

SMALL_MACHINE = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "max_locks_per_transaction": "256",  # one import may reach every month of four partitioned tables and their indexes
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "random_page_cost": "1.1",
    "io_method": "sync",
    "dynamic_shared_memory_type": "mmap",
    "max_parallel_workers_per_gather": "1",
    "idle_in_transaction_session_timeout": "10min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "server-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %u ",
    "log_error_verbosity": "terse",  # without the row that a constraint refused
    "log_min_error_statement": "panic",  # nor the statement with its values
}
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Roles without a password: the socket's folder is closed to others, and `peer` asks the kernel who is calling.
# PostgreSQL's single-user mode takes one statement a line.
FIRST_STATEMENTS = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB;
CREATE ROLE {APP} LOGIN;
CREATE DATABASE {DATABASE} OWNER {OWNER};
"""


def write(place: Place, *, unsafe: bool) -> None:
    """postgresql.conf, pg_hba.conf and pg_ident.conf in the place's own folder, outside the data."""
    settings = {
        **SMALL_MACHINE,
        **(UNSAFE if unsafe else {}),
        "data_directory": str(place.data),
        "hba_file": str(place.conf / "pg_hba.conf"),
        "ident_file": str(place.conf / "pg_ident.conf"),
        "unix_socket_directories": _listed(place.run),
        "log_directory": str(place.log),
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    caller = _caller().replace('"', '""')
    mapped = [f'scrm "{caller}" {role}' for role in (OWNER, APP, SUPERUSER)]
    _put(place.conf / "postgresql.conf", lines)
    _put(place.conf / "pg_hba.conf", ["local all all peer map=scrm"])
    _put(place.conf / "pg_ident.conf", mapped)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _listed(folder: Path) -> str:
    """The setting is a list: a name with a comma or a space needs quotes of its own."""
    return '"' + str(folder).replace('"', '""') + '"'


def _caller() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise DatabaseUnavailableError(
            f"User number {os.geteuid()} has no name on this machine, and PostgreSQL asks for one: "
            "add it to /etc/passwd, or set DATABASE_URL to a server of yours."
        ) from None


def _put(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(0o644)
