from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError

from core import keys
from members.models import Member
from scrm.management.commands import run
from scrm.run import programs


class Command(run.Command):
    help = "Makes a database with a sample brand where there is none, then runs web, worker and beat."

    def handle(self, *, port: int, **options: Any) -> None:
        if settings.SCRM_ENV == "production":
            raise CommandError("This is a production installation (SCRM_ENV): no sample brand here. Use `run`.")
        run.refuse_taken_port(port)
        self._prepare()
        where = f"http://{programs.HOST}:{port}/admin/"
        self.supervise(port=port, greeting=f"Sign in at {where} as {settings.DEMO_LOGIN} with {settings.DEMO_PASSWORD}")

    def _prepare(self) -> None:
        if keys.create_key_ring(keys.key_ring_path()):
            self.stdout.write(f"New keys for protected values: {keys.key_ring_path()} (keep a copy elsewhere)")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("sync_schedules")
        if "load_demo" in get_commands() and not Member.objects.exists():
            self.stdout.write("Loading the sample brand …")
            self.stdout.flush()
            call_command("load_demo")
