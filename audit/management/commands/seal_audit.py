"""`manage.py seal_audit`: seal now, or go on after a restore."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.services import accept_loss, deliver_seals, seal_rows
from core.errors import ScrmError


class Command(BaseCommand):
    help = (
        "Seals what is committed and brings the seals to their second places, as the periodic task does every minute. "
        "With --accept-loss REASON: after a restore, declares the seals that only the file knows as lost and goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accept-loss", metavar="REASON", default="", help="why seals of the file are lost")
        parser.add_argument("--json", action="store_true", help="the numbers as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            if options["accept_loss"]:
                accept_loss(by=None, reason=options["accept_loss"], now=now)
            sealed = seal_rows(now=now)
        except ScrmError as error:
            raise CommandError(f"{error} {error.hint}") from error
        delivered = deliver_seals(now=now)
        if options["json"]:
            self.stdout.write(json.dumps({"rows": sealed.rows, "seals": sealed.seals, "delivered": delivered}))
        else:
            self.stdout.write(f"{sealed.rows} rows in {sealed.seals} seals; delivered: {delivered}")
