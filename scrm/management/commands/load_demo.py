import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import ScrmError
from scrm.demo import history, loading
from scrm.demo.span import CHINA

LEAST, MOST = 50, 200_000
EARLIEST = 2000


class Command(BaseCommand):
    help = (
        "Loads the invented skin-care brand 悦肤: members, stores, staff, eighteen months of purchases and interactions "
        "with their tiers. The same --members, --seed and --until give the same rows."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=_count, default=20_000, help=f"how many ({LEAST}–{MOST:,})")
        parser.add_argument("--seed", type=int, default=1, help="another number, other people")
        parser.add_argument(
            "--until",
            type=_moment,
            help="facts lie before this moment (YYYY-MM-DD is that day's midnight in China); default: this hour",
        )
        parser.add_argument(
            "--beside-real-members", action="store_true", help="load even where there are members, or in production"
        )
        parser.add_argument("--json", action="store_true", help="report as JSON on standard output")

    def handle(self, *, members: int, seed: int, until: datetime | None, **options: Any) -> None:
        began = time.monotonic()
        now = timezone.now()
        until = until or now.replace(minute=0, second=0, microsecond=0)
        if until > now:
            raise CommandError("--until lies in the future: the demo brand has a past only.")
        production = settings.SCRM_ENV == "production"
        if production and not options["beside_real_members"]:
            raise CommandError("This is a production installation: the demo brand does not belong here.")
        out = self.stderr if options["json"] else self.stdout
        try:
            loaded, sign_ins = loading.load(
                members=members,
                seed=seed,
                until=until,
                now=now,
                password="" if production else "demo",
                beside_others=options["beside_real_members"],
                say=lambda line: out.write(f"{time.monotonic() - began:6.1f} s  {line}"),
            )
        except ScrmError as error:
            raise CommandError(f"{error} {error.hint}".strip()) from error
        report = {
            **loading.as_report(loaded),
            "by_tier": history.by_tier(),
            "until": until.isoformat(),
            "seconds": round(time.monotonic() - began, 1),
        }
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        self.stdout.write("\n".join(f"{key:>14}  {value}" for key, value in report.items()))
        for person in sign_ins:
            self.stdout.write(f"{person.role:>14}  {person.username} / {person.password}  ({person.name})")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not LEAST <= int(text) <= MOST:
        raise ArgumentTypeError(f"a whole number from {LEAST} to {MOST}, not {text!r}")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"a date such as 2026-06-18, not {text!r}") from None
    if moment.year < EARLIEST:
        raise ArgumentTypeError("not before the year 2000")
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
