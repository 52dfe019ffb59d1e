"""Which columns of the database concern persons, by class, and what an erasure does: read-only, straight from the code."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import StaffRequest
from compliance.selectors.personal_data import classification_gaps, registered_classes, stored_columns
from core.enums import DataClass
from core.pages import in_frame, page
from core.registries import privacy


@page("compliance.view_erasure")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Tables with columns about persons; the others are counted."""
    known = registered_classes()
    tables = [_row(table, columns) for table, columns in sorted(known.items())]
    personal = [row for row in tables if row["classes"]]
    context = {
        "title": _("Personal data"),
        "tables": personal,
        "others": len(tables) - len(personal),
        "gaps": classification_gaps(stored_columns(), known).unclassified,
        "handlers": [handler for handler in privacy if handler.paths],
    }
    return in_frame(request, "compliance/personal_data.html", context)


def _row(table: str, columns: Any) -> dict[str, Any]:
    classes = [(each, [name for name, given in columns.items() if given == each]) for each in DataClass]
    return {
        "table": table,
        "classes": [(each.label, each.value, names) for each, names in classes if names and each != DataClass.NONE],
    }
