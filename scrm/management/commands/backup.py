"""`manage.py backup`: everything into one sealed file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import ScrmError
from scrm.backup.key import key_path
from scrm.management.progress import shown
from scrm.services.backing_up import KEYS_SUFFIX, back_up, back_up_keys


class Command(BaseCommand):
    help = (
        "Writes the database, the files and the seals into one encrypted file: a whole one or none. The keys are never "
        "in it: --keys puts them into a file of its own, to be kept elsewhere. The backup key is in a third place."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder of the backups")
        parser.add_argument(
            "--keys", metavar="DIR", type=Path, help="folder of the keys' backup; another one than --out"
        )
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *, out: Path, keys: Path | None, **options: Any) -> None:
        if keys is not None and keys.resolve() == out.resolve():
            raise CommandError("Keys and data in one place protect nothing: give --keys another folder than --out.")
        now = timezone.now()
        try:
            made = back_up(
                folder=out, by=None, now=now, clock=timezone.now, progress=shown(self.stderr, quiet=options["json"])
            )
            if keys is not None:
                back_up_keys(keys / f"{made.path.stem}{KEYS_SUFFIX}")
        except (ScrmError, ImproperlyConfigured, psycopg.Error) as error:
            raise CommandError(str(error).strip()) from error
        except OSError as error:
            raise CommandError(f"{error.filename or out}: {error.strerror}. No backup was made.") from error
        self._say(made, as_json=options["json"])

    def _say(self, made: Any, *, as_json: bool) -> None:
        rows = sum(made.manifest["tables"].values())
        facts = {
            "path": str(made.path), "sha256": made.sha256, "size": made.size, "rows": rows,
            "tables": len(made.manifest["tables"]), "files": made.manifest["files"], "seconds": made.seconds,
        }  # fmt: skip
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(f"{made.path}: {rows:,} rows, {made.size:,} bytes, {made.seconds:.1f} s")
        self.stdout.write(f"SHA-256 {made.sha256}")
        if made.new_key:
            self.stdout.write(
                f"A new backup key is in {key_path()}. Keep a copy elsewhere: no backup opens without it."
            )
