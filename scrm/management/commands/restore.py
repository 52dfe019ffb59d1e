"""`manage.py restore`: shows what a backup would do here; with --yes it does it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import ScrmError
from scrm.management.progress import shown
from scrm.services.restore_plan import RestorePlan, plan_restore
from scrm.services.restoring import Restored, restore, restore_keys


class Command(BaseCommand):
    help = (
        "Shows what is in a backup and what restoring it would do; --yes does it: into an empty database, or with "
        "--replace into the place of this one. Whoever was erased since the backup is erased again, and everything is "
        "verified. Exit code 1 when it was not done, or a verification failed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument(
            "--keys", metavar="FILE", type=Path, help="the keys' backup, where there is no key ring here"
        )
        parser.add_argument("--tombstones", metavar="FILE", type=Path, help="erasures.jsonl, if not beside the seals")
        parser.add_argument("--replace", action="store_true", help="in the place of what is here")
        parser.add_argument("--yes", action="store_true", help="do it")
        parser.add_argument("--json", action="store_true", help="plan and result as JSON")

    def handle(self, *, file: Path, keys: Path | None, **options: Any) -> None:
        try:
            if keys is not None and options["yes"] and not restore_keys(keys):
                self.stderr.write("There is a key ring here already; it was left as it is.")
            plan = plan_restore(
                file, replace=options["replace"], tombstones=options["tombstones"],
                brings_keys=keys is not None and not options["yes"],
            )  # fmt: skip
            if not options["yes"]:
                self._show(plan, as_json=options["json"])
                return
            done = restore(
                plan, now=timezone.now(), clock=timezone.now, tombstones=options["tombstones"],
                progress=shown(self.stderr, quiet=options["json"]),
            )  # fmt: skip
        except (ScrmError, ImproperlyConfigured, psycopg.Error) as error:
            raise CommandError(str(error).strip()) from error
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}. Nothing was changed.") from error
        self._say(done, as_json=options["json"])

    def _show(self, plan: RestorePlan, *, as_json: bool) -> None:
        about = plan.manifest
        facts = {
            "made_at": about["made_at"], "rows": plan.rows, "tables": len(about["tables"]), "files": about["files"],
            "server_version": about["server_version"], "database": plan.database, "tables_here": plan.tables_here,
            "files_here": plan.files_here, "tombstones": plan.tombstones, "obstacles": plan.obstacles,
        }  # fmt: skip
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(f"Backup of {about['made_at']}: {plan.rows:,} rows in {len(about['tables'])} tables, ")
        self.stdout.write(f"{about['files']} files, PostgreSQL {about['server_version']}.")
        self.stdout.write(
            f"Into {plan.database}, which has {plan.tables_here} tables now; {plan.files_here} files here."
        )
        self.stdout.write(
            f"{plan.tombstones} erasures are known beside the seals; those that it undoes are done again."
        )
        if plan.cut_short:
            self.stdout.write("An earlier restore was cut short: what it set aside is put back first.")
        for obstacle in plan.obstacles:
            self.stdout.write(self.style.ERROR(obstacle))
        self.stdout.write("Nothing was changed." + ("" if plan.obstacles else " Say --yes to do it."))

    def _say(self, done: Restored, *, as_json: bool) -> None:
        if as_json:
            facts = {**asdict(done), "ok": done.ok}
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self.stdout.write(f"{done.rows:,} rows and {done.files} files restored in {done.seconds:.1f} s.")
            self.stdout.write(f"Erased again: {done.replayed.erased}, of which {done.replayed.waiting} wait.")
            for name in done.went_apart:
                self.stdout.write(self.style.WARNING(f"{name} had gone another way here; lines of both were kept."))
            for finding in done.findings:
                self.stdout.write(f"{'ok ' if finding.ok else 'BAD'} {finding.label}: {' '.join(finding.faults)}")
        if not done.ok:
            raise SystemExit(1)
