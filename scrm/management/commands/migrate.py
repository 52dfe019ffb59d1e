from django.core.management.commands import migrate

from core.roles import AsOwner


class Command(AsOwner, migrate.Command):
    """Django's own, as the owner of the database."""
