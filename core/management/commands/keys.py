"""Makes the key ring, shows which versions it holds, rotates the master key, and puts new signing keys into use."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import ScrmError
from core.keys import add_signing_key, create_key_ring, key_ring, key_ring_path, public_keys
from core.services.rotation import begin_rotation, keys_by_version, retire, rewrap_all, rotate_signing_key


class Command(BaseCommand):
    help = (
        "create: make the key ring unless there is one, and add a signing key where it has none. status: show its "
        "versions. rotate: put a new master key into use and wrap every data key anew, while everything runs; run it "
        "again if it was interrupted. retire: take older master keys out of the ring when nothing needs them. "
        "rotate-sign: put a new signing key into use. public: show the public halves, by which others verify seals. "
        "Secret keys are never printed."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["create", "status", "rotate", "retire", "rotate-sign", "public"])

    def handle(self, *_args: Any, act: str, **_options: Any) -> None:
        path = key_ring_path()
        if act == "create" and create_key_ring(path):
            self.stdout.write(f"New master keys in {path}. Back this file up apart from the database.")
        elif act == "create" and add_signing_key(path, only_the_first=True):
            self.stdout.write(f"A new signing key in {path}. Back this file up again.")
        if act == "rotate-sign":
            version = rotate_signing_key(now=timezone.now())
            self.stdout.write(f"Signing key {version} is in use. Back {path} up again.")
        if act == "rotate":
            self._rotate()
        if act == "retire":
            self._retire()
        if act == "public":
            for version, key in public_keys().items():
                self.stdout.write(f"{version} {key}")
            return
        ring = key_ring()
        self.stdout.write(
            f"{path}: master {sorted(ring.wrappers)}, index {sorted(ring.index_keys)}, sign {sorted(ring.signers)}, "
            f"verify {sorted(ring.verifiers)}"
        )

    def _rotate(self) -> None:
        version = begin_rotation(now=timezone.now())
        self.stdout.write(f"Master key {version} is in use. Back the key ring up now, apart from the database.")
        for progress in rewrap_all(clock=timezone.now):
            self.stdout.write(f"{progress.done:,} of {progress.total:,} data keys")
        self.stdout.write(
            f"Data keys by master key: {keys_by_version()}. Older master keys: `keys retire`, in an hour."
        )

    def _retire(self) -> None:
        try:
            gone = retire(now=timezone.now())
        except ScrmError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Retired: {gone or 'none'}. Backups from before the rotation cannot be read any more.")
