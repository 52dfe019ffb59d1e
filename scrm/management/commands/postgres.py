import os
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from scrm import databases
from scrm.postgres import binaries, configuration
from scrm.postgres.server import Server


class Command(BaseCommand):
    help = "Shows, starts, stops or opens the embedded PostgreSQL (in use when DATABASE_URL is not set)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "act",
            choices=("status", "start", "stop", "psql"),
            help="start: and keep it running without users; stop: now, whoever uses it; psql: as the owner",
        )

    def handle(self, *, act: str, **options: object) -> None:
        server = databases.embedded()
        if server is None:
            raise CommandError("DATABASE_URL is set: the embedded PostgreSQL is not in use.")
        getattr(self, f"_{act}")(server)

    def _status(self, server: Server) -> None:
        said = f"runs as process {server.pid}" if server.pid else "is down"
        kept = ", and stays until it is stopped" if server.kept else ""
        self.stdout.write(f"The embedded PostgreSQL {said}{kept}; data in {server.place.data}")

    def _start(self, server: Server) -> None:
        server.ensure()
        server.kept = True
        self._status(server)

    def _stop(self, server: Server) -> None:
        server.stop()
        self._status(server)

    def _psql(self, server: Server) -> None:
        server.ensure()
        words = server.parameters(configuration.OWNER)
        psql = str(binaries.find() / "psql")
        os.set_inheritable(server.share, True)  # noqa: FBT003  # psql goes on as the user of the server that we are
        os.execv(  # noqa: S606
            psql,
            [
                psql,
                *(f"--{name}={value}" for name, value in words.items() if name != "user"),
                f"--username={words['user']}",
            ],
        )  # fixed program and arguments
