"""The number of the transaction that wrote a row, for followers that must not skip a late committer."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _Field = models.Field[int, int]
else:
    _Field = models.Field  # takes type arguments in its stubs only


class CurrentTransaction(models.Func):
    """`pg_current_xact_id()`: 64 bits, never reused within a cluster."""

    function = "pg_current_xact_id"
    arity = 0


class Xid8Field(_Field):
    """Filled by the database when the row is inserted. Read below `pg_snapshot_xmin(pg_current_snapshot())` only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        kwargs["db_default"] = CurrentTransaction()
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_default"]
        return name, path, args, kwargs

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  # Django's signature
        return "xid8"

    def from_db_value(self, value: str | None, *_context: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value
