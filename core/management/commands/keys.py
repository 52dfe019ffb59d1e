"""Makes the key ring, and shows which versions it holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.keys import create_key_ring, key_ring, key_ring_path


class Command(BaseCommand):
    help = "create: make the key ring unless there is one. status: show its versions. Keys are never printed."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["create", "status"])

    def handle(self, *_args: Any, act: str, **_options: Any) -> None:
        path = key_ring_path()
        if act == "create" and create_key_ring(path):
            self.stdout.write(f"New master keys in {path}. Back this file up apart from the database.")
        ring = key_ring()
        self.stdout.write(f"{path}: master {sorted(ring.wrappers)}, index {sorted(ring.index_keys)}")
