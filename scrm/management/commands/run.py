import os
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from scrm import databases
from scrm.run import programs
from scrm.run.supervisor import Supervisor


class Command(BaseCommand):
    help = "Runs web, worker and beat together until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.SCRM_PORT, help="the web port (SCRM_PORT)")

    def handle(self, *, port: int, **options: Any) -> None:
        refuse_taken_port(port)
        self.supervise(port=port, greeting=f"The SCRM answers on http://{programs.HOST}:{port}/")

    def supervise(self, *, port: int, greeting: str) -> None:
        """Ends the process with the programs' exit code; the embedded server, if nobody else needs it, has ended too."""
        server = databases.embedded()
        if server:
            server.ensure()
        connections.close_all()
        supervisor = Supervisor(programs.programs(port=port), environment=os.environ, say=self.stdout.write)
        code = supervisor.run(when_started=self._greet_once(port, greeting))
        if server:
            server.leave()
        if code:
            raise SystemExit(code)

    def _greet_once(self, port: int, greeting: str) -> Callable[[], bool]:
        def greet() -> bool:
            if not programs.answers(port):
                return False
            self.stdout.write(f"\n{greeting}\nCtrl-C ends it.\n")
            self.stdout.flush()
            return True

        return greet


def refuse_taken_port(port: int) -> None:
    if programs.port_is_taken(port):
        raise CommandError(f"Port {port} of this machine is taken: choose another (SCRM_PORT={port + 1} make demo).")
