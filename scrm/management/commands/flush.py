from django.core.management.commands import flush

from core.roles import AsOwner


class Command(AsOwner, flush.Command):
    """Django's own, as the owner of the database and past the triggers that guard evidence."""

    maintenance = "flush"
