"""Which columns concern persons, and by which ways a person is reached: as registered, and as the database has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db import connection

from core.enums import DataClass
from core.registries import PersonPath, PrivacyHandler, classified, privacy
from members.models import Member

#: Every table but partitions (they are as their parent) and the staging tables of single imports (as their template).
_COLUMNS = """
SELECT CASE WHEN s.nspname = 'public' THEN c.relname ELSE s.nspname || '.' || c.relname END, a.attname
FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
    AND s.nspname !~ '^pg_' AND s.nspname <> 'information_schema' AND c.relname !~ '^intake_staging_[0-9]+$'
ORDER BY 1, a.attnum
"""
#: Names of columns that hold the number of a member without being a foreign key.
TELLING = ("member_id", "subject_id", "inviter_id")


@dataclass(frozen=True)
class Gaps:
    """Columns of no class, and classes of columns that do not exist (`table.column`)."""

    unclassified: tuple[str, ...]
    stale: tuple[str, ...]


def stored_columns() -> list[tuple[str, str]]:
    """(table, column) of the whole database; a table outside `public` with its schema."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        return [(str(table), str(column)) for table, column in cursor.fetchall()]


def classification_gaps(stored: Sequence[tuple[str, str]], known: Mapping[str, Mapping[str, DataClass]]) -> Gaps:
    there = {f"{table}.{column}" for table, column in stored}
    said = {f"{table}.{column}" for table, columns in known.items() for column in columns}
    return Gaps(tuple(sorted(there - said)), tuple(sorted(said - there)))


def registered_classes() -> dict[str, Mapping[str, DataClass]]:
    return {table.code: table.columns for table in classified}


def ways_to_members(stored: Sequence[tuple[str, str]]) -> set[str]:
    """Every `table.column` that leads to a member: relations of all models, and columns named like one."""
    there = set(stored)
    related = {
        (model._meta.db_table, field.column)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is Member
    }
    named = {(table, column) for table, column in stored if column.endswith(TELLING)}
    return {f"{table}.{column}" for table, column in (related & there) | named}


def registered_paths(handlers: Sequence[PrivacyHandler] | None = None) -> dict[str, PersonPath]:
    chosen = list(privacy) if handlers is None else handlers
    return {path.place: path for handler in chosen for path in handler.paths}
