"""`manage.py backup`: everything into one sealed file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import ScrmError
from scrm.backup.key import key_path
from scrm.management.progress import shown
from scrm.services.backing_up import KEYS_SUFFIX, back_up, back_up_keys
from scrm.services.pruning import prune_backups


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
        parser.add_argument(
            "--keep", metavar="DAYS", type=int, default=settings.SCRM_BACKUP_DAYS,
            help="then delete backups in --out that are older, and their keys' in --keys; never the newest whole one;"
            " 0 keeps all (default: SCRM_BACKUP_DAYS, now %(default)s)",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *, out: Path, keys: Path | None, keep: int, **options: Any) -> None:
        if keep < 0:
            raise CommandError("--keep is a number of days, or 0 to keep all backups.")
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
        self._say(made, self._pruned(out, keys, keep) if keep else (), as_json=options["json"])

    def _pruned(self, out: Path, keys: Path | None, days: int) -> tuple[str, ...]:
        try:
            return prune_backups(folder=out, days=days, keys=keys, by=None, now=timezone.now()).gone
        except OSError as error:
            raise CommandError(f"The backup was made; older ones could not be deleted: {error}.") from error

    def _say(self, made: Any, pruned: tuple[str, ...], *, as_json: bool) -> None:
        rows = sum(made.manifest["tables"].values())
        facts = {
            "path": str(made.path), "sha256": made.sha256, "size": made.size, "rows": rows,
            "tables": len(made.manifest["tables"]), "files": made.manifest["files"], "seconds": made.seconds,
            "pruned": list(pruned),
        }  # fmt: skip
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(f"{made.path}: {rows:,} rows, {made.size:,} bytes, {made.seconds:.1f} s")
        self.stdout.write(f"SHA-256 {made.sha256}")
        for name in pruned:
            self.stdout.write(f"Deleted {name}: its time was over.")
        if made.new_key:
            self.stdout.write(
                f"A new backup key is in {key_path()}. Keep a copy elsewhere: no backup opens without it."
            )
