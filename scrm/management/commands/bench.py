import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scrm.bench.benches import BENCHES
from scrm.bench.database import own_database
from scrm.bench.figures import Figure
from scrm.bench.options import Options

INTERRUPTED = 130
LEAST = 1000


class Command(BaseCommand):
    help = (
        "Measures the product against the bare statement and its peers, as ratios of one run, in a database of its own "
        "that is dropped at the end. Without NAME all benches run."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", choices=sorted(BENCHES), help="one bench only")
        parser.add_argument("--members", type=int, default=1_000_000, help="size of the generated data (1,000 or more)")
        parser.add_argument("--rounds", type=int, default=3, help="repetitions in turns; the median counts")
        parser.add_argument("--json", action="store_true", help="figures as JSON on standard output")

    def handle(self, *, name: str | None, members: int, rounds: int, **options: Any) -> None:
        if members < LEAST or rounds < 1:
            raise CommandError("--members must be at least 1000 and --rounds at least 1.")
        wanted = Options(members=members, rounds=rounds, say=lambda line: self.stderr.write(f"  {line}"))
        figures: dict[str, list[Figure]] = {}
        try:
            for bench in [name] if name else BENCHES:
                title, measure = BENCHES[bench]
                self.stderr.write(f"{bench}: {title}")
                with own_database():
                    figures[bench] = list(measure(wanted))
        except KeyboardInterrupt:
            raise CommandError("Interrupted; the bench's database is dropped.", returncode=INTERRUPTED) from None
        self._report(figures, as_json=options["json"])

    def _report(self, figures: dict[str, list[Figure]], *, as_json: bool) -> None:
        if as_json:
            plain = {bench: [asdict(figure) for figure in found] for bench, found in figures.items()}
            self.stdout.write(json.dumps(plain, ensure_ascii=False, indent=1))
            return
        for bench, found in figures.items():
            for figure in found:
                self.stdout.write(_line(bench, figure))


def _line(bench: str, figure: Figure) -> str:
    mark = {True: "holds", False: "MISSED", None: ""}[figure.holds]
    parts = ", ".join(f"{name} {value}" for name, value in figure.parts.items())
    return f"{bench:<15} {figure.name:<44} {figure.value:>9,.2f} {figure.unit:<7} {figure.target:<12} {mark:<7} {parts}"
