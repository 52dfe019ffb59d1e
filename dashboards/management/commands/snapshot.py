"""`manage.py snapshot`: metrics as of days gone by."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import ScrmError
from dashboards.services.snapshots import Taken, take_snapshots


class Command(BaseCommand):
    help = (
        "Computes metrics as of whole days gone by (default: yesterday). Days that are there already stay, unless "
        "--again; after an interruption the same call goes on with the first day that is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=_day, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=_day, help="last day, YYYY-MM-DD (default: yesterday)")
        parser.add_argument(
            "--metric", action="append", default=[], help="code of a metric; may be given several times"
        )
        parser.add_argument("--again", action="store_true", help="compute days anew that are there already")
        parser.add_argument("--json", action="store_true", help="report numbers as JSON")

    def handle(self, *, first: date | None, last: date | None, **options: Any) -> None:
        now = timezone.now()
        last = last or timezone.localtime(now).date() - timedelta(days=1)
        try:
            taken = take_snapshots(
                first=first or last,
                last=last,
                by=None,
                now=now,
                again=options["again"],
                codes=options["metric"],
                progress=self._progress,
            )
        except ScrmError as refused:
            raise CommandError(f"{refused} {refused.hint}".strip()) from refused
        self._report(taken, first or last, last, as_json=options["json"])

    def _progress(self, done: int, whole: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\rDays: {done} of {whole}", ending="\n" if done >= whole else "")

    def _report(self, taken: Taken, first: date, last: date, *, as_json: bool) -> None:
        if as_json:
            report = {"from": f"{first}", "to": f"{last}", "days": taken.days, "figures": taken.figures}
            self.stdout.write(json.dumps({**report, "skipped": list(taken.skipped)}))
            return
        self.stdout.write(f"{taken.days} days measured, {taken.figures:,} figures kept ({first} – {last}).")
        for code in taken.skipped:
            self.stdout.write(f"Left out: the formula of {code!r} cannot be read.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"a day such as 2026-06-18, not {text!r}") from None
