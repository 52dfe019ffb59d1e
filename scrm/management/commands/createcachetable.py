from django.core.management.commands import createcachetable

from core.roles import AsOwner


class Command(AsOwner, createcachetable.Command):
    """Django's own, as the owner of the database."""
