"""What a row was before: written by triggers, so that raw SQL and bulk updates leave their trace too.

An event tells its transaction by `pgh_xid`: the audit row of the same transaction says who did it and why. Only fields
without personal values are kept, for these tables are insert-only like the audit itself.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _
from pghistory.models import Event

M = TypeVar("M", bound=type[models.Model])


class AuditTransaction(models.Func):
    """`audit_xid()`: the number that audit rows of this transaction carry."""

    function = "audit_xid"
    arity = 0


class RowHistory(Event):
    """Base of the event tables."""

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_xid = models.BigIntegerField(_("transaction"), db_default=AuditTransaction(), editable=False)

    class Meta:
        abstract = True


def keep_history(*, fields: Sequence[str]) -> Callable[[M], M]:
    """Class decorator: whenever one of these fields changes, or the row goes, what it was is kept."""

    def decorate(model: M) -> M:
        tracked: Any = pghistory.track(
            pghistory.UpdateEvent(row=pghistory.Old),
            pghistory.DeleteEvent(),
            fields=list(fields),
            obj_field=pghistory.ObjForeignKey(
                related_name="history", related_query_name="history_query", db_index=False
            ),
            context_field=None,  # type: ignore[arg-type]  # documented: no context
            base_model=RowHistory,
            model_name=f"{model.__name__}History",
            meta={
                "verbose_name": _("history"),
                "verbose_name_plural": _("history"),
                "default_permissions": (),
                "indexes": [models.Index(fields=["pgh_obj", "-pgh_id"], name=f"{model._meta.db_table}_past"[:30])],
            },
        )
        return cast("M", tracked(model))

    return decorate
