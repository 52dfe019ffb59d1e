from django.core.management.base import BaseCommand

from scrm import services


class Command(BaseCommand):
    help = "Adds the periodic tasks that are missing; changes nothing that an operator has set."

    def handle(self, **options: object) -> None:
        added = services.sync_schedules()
        self.stdout.write(f"Periodic tasks added: {', '.join(added) or 'none'}")
