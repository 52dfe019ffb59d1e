"""`manage.py restore_drill`: would we get it all back?"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from scrm.management.progress import shown
from scrm.services.drilling import drill


class Command(BaseCommand):
    help = (
        "Makes a backup, restores it into a database and a home of its own as on a new server, verifies everything and "
        "throws it away. Exit code 1 when it did not pass."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        progress = shown(self.stderr, quiet=options["json"])
        done = drill(by=None, now=timezone.now(), clock=timezone.now, progress=progress)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done), ensure_ascii=False))
        elif done.ok:
            self.stdout.write(
                f"{done.report['rows']:,} rows came back and everything holds; {done.size:,} bytes, {done.seconds:.1f} s."
            )
        else:
            self.stdout.write(done.error)
        if not done.ok:
            raise SystemExit(1)
