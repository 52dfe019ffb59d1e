"""`manage.py rfm_scores`: everybody's scores and tier as of any moment, as CSV."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.utils import DatabaseError

from core.errors import ScrmError
from segments.management.moments import add_moment, moment_of
from segments.services.scores import stream_scores


class Command(BaseCommand):
    help = "Write every member's recency, frequency, monetary value, scores and tier as CSV; nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_moment(parser, required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        moment = moment_of(options)
        if moment is None:
            raise CommandError("--as-of needs a moment.")
        try:
            for block in stream_scores(as_of=moment):
                self.stdout.write(block.decode(), ending="")
        except ScrmError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {error}") from error
        except BrokenPipeError:
            sys.exit(1)
