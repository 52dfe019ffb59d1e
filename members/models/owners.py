"""Whose record it is, for the ORM: the SQL of it is `members.rules.persons`."""

from django.db.models.functions import Coalesce


def owner_number(path: str = "") -> Coalesce:
    """The number of the record that stands for the person: of the row that `path` leads to, or of a member herself."""
    return Coalesce(f"{path}__merged_into_id", f"{path}_id") if path else Coalesce("merged_into_id", "pk")
