"""The command that the three imports share: a file in, numbers out."""

import csv
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import ScrmError
from intake.enums import ImportKind, ImportState, Layout
from intake.models import ImportJob, reason_label
from intake.selectors import reject_report
from intake.services import create_import, run_import_and_follow

BAR_WIDTH = 30
ORDER = ("rows_read", "lines_stored", "already_stored", "rejected", "purchases", "refunds", "members", "seconds")


class ImportCommand(BaseCommand):
    """Reads FILE into the database. Run again after an interruption, it finishes what was begun."""

    kind: ClassVar[ImportKind]
    layouts: ClassVar[tuple[Layout, ...]] = (Layout.CSV, Layout.XLSX)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, TSV or XLSX, also compressed with gzip")
        parser.add_argument("--layout", choices=[layout.value for layout in self.layouts], default="")
        parser.add_argument("--mapping", type=Path, help='JSON file: {"columns": {field: column}, …}')
        parser.add_argument("--timezone", default="", help="zone of the times that name none (default: the project's)")
        parser.add_argument("--source", default="", help="name of the system the file comes from")
        parser.add_argument("--dry-run", action="store_true", help="the same numbers, nothing stored")
        parser.add_argument("--rejects", type=Path, help="write the report of rejected rows to this CSV file")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            job = create_import(
                kind=self.kind,
                path=options["file"],
                layout=options["layout"],
                mapping=_mapping(options["mapping"]),
                timezone=options["timezone"],
                source=options["source"],
                dry_run=options["dry_run"],
                by=None,
                now=timezone.now(),
            )
            job = run_import_and_follow(job_id=job.pk, now=timezone.now(), on_progress=self._progress)
        except ScrmError as error:
            raise CommandError(str(error)) from error
        if options["rejects"]:
            _write_report(job, options["rejects"])
        if job.state != ImportState.DONE:
            raise CommandError(job.error_text or job.get_state_display())
        self.stdout.write(json.dumps(ordered_counts(job)) if options["json"] else _table(job))

    def _progress(self, fraction: float) -> None:
        if not sys.stderr.isatty():
            return
        done = round(BAR_WIDTH * fraction)
        end = "\n" if fraction >= 1 else ""
        self.stderr.write(f"\r[{'#' * done}{'.' * (BAR_WIDTH - done)}] {fraction:4.0%}", ending=end)
        self.stderr.flush()


def _mapping(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        mapping = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CommandError(f"There is no mapping file {path}.") from None
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}") from None
    if not isinstance(mapping, dict):
        raise CommandError(f"{path} must hold a JSON object.")
    return mapping if "columns" in mapping else {"columns": mapping}


def _write_report(job: ImportJob, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(reject_report(job))


def ordered_counts(job: ImportJob) -> dict[str, Any]:
    """The counts in the order in which they are read; the database keeps none."""
    return {name: job.counts[name] for name in ORDER if name in job.counts}


def _table(job: ImportJob) -> str:
    lines = [f"{name:<16}{value:>12,}" for name, value in ordered_counts(job).items() if isinstance(value, int)]
    lines += [f"  {reason_label(reason)}: {rows:,}" for reason, rows in job.counts["rejected"].items()]
    return "\n".join([*lines, f"{'seconds':<16}{job.counts['seconds']:>12.2f}"])
