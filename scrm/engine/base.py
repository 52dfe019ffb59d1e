"""The engine's one difference to Django's own: who is behind the socket, and what to say when nobody is."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError

from scrm import databases
from scrm.postgres.errors import DatabaseUnavailableError


class DatabaseWrapper(base.DatabaseWrapper):
    """Starts the embedded server before the first connection, and once more when a connection is refused."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        server = databases.embedded()
        if server:
            server.ensure()
        try:
            return super().get_new_connection(conn_params)
        except OperationalError as error:
            if not server:
                raise DatabaseUnavailableError(_silent(conn_params, error)) from error
        server.ensure(again=True)
        return super().get_new_connection(conn_params)


def _silent(conn_params: dict[str, Any], error: Exception) -> str:
    where = f"{conn_params.get('host', 'the local socket')}:{conn_params.get('port', 5432)}"
    last = str(error).strip().splitlines()[-1]
    return f"PostgreSQL at {where} does not let us in ({last}). Is it running, and is DATABASE_URL right?"
