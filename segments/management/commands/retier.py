"""`manage.py retier`: scores, tiers and their history as of a moment."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance.selectors.pipia import is_assessed
from core.errors import ScrmError
from segments.enums import TIERING
from segments.management.moments import add_moment, moment_of
from segments.selectors.tiers import tier_names
from segments.services.goals import measure_goals
from segments.services.retier import RetierResult, retier

UNASSESSED = (
    "Note: no approved impact assessment of automated tiering (PIPL Art. 55). This computes once, by hand; "
    "the hourly computation stays off until one is approved under Registers."
)


class Command(BaseCommand):
    help = "Compute everybody's RFM scores and tier as of a moment (default: now) and write who moved."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_moment(parser, required=False)
        parser.add_argument("--full", action="store_true", help="read every fact again instead of what changed")
        parser.add_argument("--json", action="store_true", help="report numbers as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["json"]:
            self.stderr.write("Computing scores and tiers …")
        if not is_assessed(TIERING, now=timezone.now()):
            self.stderr.write(UNASSESSED)
        try:
            result = retier(as_of=moment_of(options), full=options["full"])
            measure_goals()
        except ScrmError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_numbers(result)))
        else:
            self._table(result)

    def _table(self, result: RetierResult) -> None:
        names = tier_names()
        for code, count in result.by_tier.items():
            share = count / result.members if result.members else 0
            self.stdout.write(f"{count:>12,}  {share:>6.1%}  {code:<12} {names.get(code, '')}")
        self.stdout.write(f"{result.members:>12,}  members, {result.moved:,} moved, {result.kind}, {result.seconds} s")


def _numbers(result: RetierResult) -> dict[str, Any]:
    return {
        "members": result.members,
        "by_tier": result.by_tier,
        "moved": result.moved,
        "seconds": result.seconds,
        "kind": str(result.kind),
        "as_of": result.as_of.isoformat(),
    }
