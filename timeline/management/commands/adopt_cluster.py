"""Run once after the database was restored into another server."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from core.roles import AsOwner
from timeline.services import adopt_cluster


class Command(AsOwner, BaseCommand):
    help = (
        "Tells the timeline that the database was restored into another server, whose transaction numbers start low: "
        "followers would skip new facts. Harmless where nothing changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        adopted = adopt_cluster(by=None, now=timezone.now())
        if adopted.new:
            self.stdout.write(
                f"This server is known now; transaction numbers continue with an offset of {adopted.offset}."
            )
        else:
            self.stdout.write("This server was known already; nothing was changed.")
