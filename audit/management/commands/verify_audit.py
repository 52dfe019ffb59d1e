"""`manage.py verify_audit`: is the record of acts what it was?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.selectors import says_first_bad
from audit.services import verify


class Command(BaseCommand):
    help = (
        "Verifies every row of the audit against its hash and its seal, every seal against its signature, the seal "
        "before it and the file beside the database. Exit code 1 and the first fault if something was changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        result = verify(now=timezone.now())
        if options["json"]:
            names = ("rows", "seals", "unsealed", "ok", "first_bad", "seconds")
            report = {name: getattr(result, name) for name in names}
            self.stdout.write(json.dumps({**report, "says": says_first_bad(result)}, ensure_ascii=False))
        elif result.ok:
            self.stdout.write(f"{result.rows:,} rows and {result.seals:,} seals are intact; {result.unsealed:,} wait.")
        else:
            self.stdout.write(says_first_bad(result))
        if not result.ok:
            raise SystemExit(1)
