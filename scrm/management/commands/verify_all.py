"""`manage.py verify_all`: does everything hold that must hold over all data?"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from scrm.management.progress import shown
from scrm.services.verifying import verify_all


class Command(BaseCommand):
    help = (
        "Verifies seals, keys, consents, erasures, guards of evidence, constraints, and what apps add (balances are the "
        "sums of their entries). Exit code 1 when something does not hold."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = verify_all(progress=shown(self.stderr, quiet=options["json"]))
        ok = all(finding.ok for finding in findings)
        if options["json"]:
            checks = [{**asdict(finding), "ok": finding.ok} for finding in findings]
            self.stdout.write(json.dumps({"ok": ok, "checks": checks}, ensure_ascii=False))
        else:
            for each in findings:
                said = " ".join(each.faults) or f"{each.looked_at:,}"
                self.stdout.write(f"{'ok ' if each.ok else 'BAD'} {each.label}: {said} ({each.seconds:.1f} s)")
        if not ok:
            raise SystemExit(1)
