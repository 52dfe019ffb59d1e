"""For the day on which no administrator can sign in: lifts the lock of an account and resets its second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.services import lift_lock, reset_second_factor


class Command(BaseCommand):
    help = "Lift the lock of an account, and with --second-factor have it set up a new one at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--second-factor", action="store_true")
        parser.add_argument("--reason", required=True, help="stands in the audit")

    def handle(self, *_args: Any, username: str, second_factor: bool, reason: str, **_options: Any) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is no account {username!r}.")
        now = timezone.now()
        lift_lock(username=username, by=None, now=now, reason=reason)
        if second_factor:
            reset_second_factor(person=person, by=None, now=now, reason=reason)
        self.stdout.write(f"{username} may try again.")
