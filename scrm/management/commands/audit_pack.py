"""`manage.py audit_pack`: the evidence for an audit in one archive, or a check of one."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from scrm.backup.archive import whole_or_nothing
from scrm.management.progress import shown
from scrm.services.audit_packs import note_pack
from scrm.services.packing import check_pack, write_pack


class Command(BaseCommand):
    help = (
        "Writes the evidence for an audit of personal data protection into a zip: every item as CSV and JSON, a page to "
        "read, a manifest with the SHA-256 of each and of itself. --check FILE: is a pack what was written?"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", metavar="FILE", type=Path, help="where (scrm-audit-DATE.zip here, if not said)")
        parser.add_argument("--check", metavar="FILE", type=Path, help="check a pack instead")
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *, out: Path | None, check: Path | None, **options: Any) -> None:
        try:
            if check is not None:
                self._check(check, as_json=options["json"])
            else:
                self._make(out, as_json=options["json"])
        except OSError as error:
            raise CommandError(f"{error.filename or out or check}: {error.strerror}") from error

    def _make(self, out: Path | None, *, as_json: bool) -> None:
        now = timezone.now()
        path = out or Path(f"scrm-audit-{timezone.localdate(now)}.zip")
        progress = shown(self.stderr, quiet=as_json)
        with whole_or_nothing(path) as stream, translation.override(settings.LANGUAGE_CODE):
            made = write_pack(stream, now=now, note=lambda done, of: progress("items", done, of))
        note_pack(made, by=None, now=now)
        facts = {"path": str(path), "sha256": made.digest, "items": len(made.items), "rows": made.rows}
        said = f"{path}: {len(made.items)} items, {made.rows:,} rows. Fingerprint of the manifest: {made.digest}"
        self.stdout.write(json.dumps(facts) if as_json else said)

    def _check(self, path: Path, *, as_json: bool) -> None:
        faults = check_pack(path)
        if as_json:
            self.stdout.write(json.dumps({"ok": not faults, "faults": faults}))
        else:
            self.stdout.write("\n".join(faults) or f"{path} is what was written.")
        if faults:
            raise SystemExit(1)
