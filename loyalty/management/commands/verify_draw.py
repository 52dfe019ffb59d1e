import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.models import Draw
from loyalty.selectors.draws import verify


class Command(BaseCommand):
    help = (
        "Computes a draw again from its revealed seed and its entries, and compares: the published fingerprint of the "
        "seed, the fingerprint of the entries, every winner. The procedure stands in loyalty/rules/drawing.py."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("draw", type=int, help="number of the draw")
        parser.add_argument("--json", action="store_true", help="everything found, as JSON on standard output")

    def handle(self, *, draw: int, **options: Any) -> None:
        found = Draw.objects.filter(pk=draw).first()
        if found is None:
            raise CommandError(f"There is no draw {draw}.")
        proof = verify(found)
        if found.voided_at:
            raise CommandError(f"Draw {draw} is void: nothing was drawn, and its seed stays sealed.")
        if proof is None:
            raise CommandError(f"Draw {draw} has not been run: its seed is not revealed yet.")
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(proof), "holds": proof.holds}, indent=1))
        if not proof.holds:
            raise CommandError(f"Draw {draw} does not come out again.")
        if not options["json"]:
            self.stdout.write(f"Draw {draw}: {len(proof.winners)} winners of {proof.entries} entries come out again.")
