from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wecom.simulator.errors import ControlRefused
from wecom.simulator.run import add_arguments, run


class Command(BaseCommand):
    help = "Runs a faithful WeCom on loopback, with a phone page and a staff page, until Ctrl-C."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser, home=settings.SCRM_HOME / "wecom_simulator")

    def handle(self, *, port: int, home: Path, fill: str | None, **options: Any) -> None:
        try:
            run(port=port, home=home, fill_with=fill, say=self._say)
        except ControlRefused as refusal:
            raise CommandError(str(refusal)) from None

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
