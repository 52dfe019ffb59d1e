"""Celery's messages in PostgreSQL: kombu's pgmq transport on the connection that Django knows."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from kombu.transport import pgmq as kombu_pgmq
from pgmq import PGMQueue
from psycopg_pool import ConnectionPool

from scrm import databases

URL = "pgmq://localhost"  # only says which transport: the connection is Django's
QUEUES: tuple[str, ...] = ("priority", "default", "bulk")


class Transport(kombu_pgmq.Transport):
    """The database is looked up when it is needed, so that the embedded server runs and a test finds its own."""

    def _create_pgmq_client(self) -> PGMQueue:
        server = databases.embedded()
        if server:
            server.ensure(again=True)
        options = self.client.transport_options
        pool = ConnectionPool(
            databases.conninfo(connections[DEFAULT_DB_ALIAS].settings_dict),
            min_size=1,
            max_size=options["pool_size"],
            timeout=options["pool_timeout"],
            kwargs={"application_name": "scrm broker"},
            open=True,
        )
        client = PGMQueue(conn_string="host=unused", pool=pool, vt=options["visibility_timeout"], init_extension=False)
        client._own_pool = True  # noqa: SLF001  # closed with the connection
        return client


def transport_settings() -> dict[str, Any]:
    """Short reads of every queue in turn: a long one at one queue would keep the others waiting."""
    return {
        "visibility_timeout": 3600,  # a message of a killed worker comes back after it: longer than the longest task
        "wait_time_seconds": 0,
        "polling_interval": 0.15,
        "pool_size": 4,
        "pool_timeout": 10,
        "init_extension": False,
    }
