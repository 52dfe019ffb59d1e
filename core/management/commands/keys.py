"""Makes the key ring, gives it new signing keys, and shows which versions it holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.keys import add_signing_key, create_key_ring, key_ring, key_ring_path, public_keys


class Command(BaseCommand):
    help = (
        "create: make the key ring unless there is one, and add a signing key where it has none. rotate-sign: put a "
        "new signing key into use. public: show the public halves, by which others verify seals. status: show the "
        "versions. Secret keys are never printed."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["create", "rotate-sign", "public", "status"])

    def handle(self, *_args: Any, act: str, **_options: Any) -> None:
        path = key_ring_path()
        if act == "create" and create_key_ring(path):
            self.stdout.write(f"New master keys in {path}. Back this file up apart from the database.")
        elif act in {"create", "rotate-sign"} and add_signing_key(path, only_the_first=act == "create"):
            self.stdout.write(f"A new signing key in {path}. Back this file up again.")
        ring = key_ring()
        if act == "public":
            for version, key in public_keys().items():
                self.stdout.write(f"{version} {key}")
            return
        self.stdout.write(
            f"{path}: master {sorted(ring.wrappers)}, index {sorted(ring.index_keys)}, sign {sorted(ring.signers)}, "
            f"verify {sorted(ring.verifiers)}"
        )
