"""What a marketer says about a file, read from the form into a mapping."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.files import DateOrder
from intake.enums import ImportKind
from intake.rules.fields import FIELDS
from intake.selectors import PreviewColumn

ZONES = sorted(
    name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
)


class UploadForm(forms.Form):
    """A file and what stands in it."""

    kind = forms.ChoiceField(
        choices=ImportKind.choices,
        label=_("What is in the file?"),
        error_messages={"required": _("Say what is in the file.")},
    )
    file = forms.FileField(
        label=_("File"), error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")}
    )


class ReadingForm(forms.Form):
    """How times are read, and what the source is called."""

    timezone = forms.ChoiceField(
        choices=[(name, name) for name in ["UTC", *ZONES]],
        label=_("Time zone"),
        help_text=_("For times that do not name their own."),
    )
    date_order = forms.ChoiceField(
        choices=[
            (DateOrder.UNDECLARED, _("Year first, as in 2026-11-22")),
            (DateOrder.DAY_FIRST, _("Day first, as in 22/11/2026")),
            (DateOrder.MONTH_FIRST, _("Month first, as in 11/22/2026")),
        ],
        required=False,
        label=_("Dates"),
    )
    source = forms.CharField(
        max_length=40,
        required=False,
        label=_("Source"),
        help_text=_("The same order number from two sources is two orders."),
    )


def mapping_from(data: QueryDict, columns: list[PreviewColumn], kind: str, kept: dict[str, Any]) -> dict[str, Any]:
    """The mapping that the selects describe; a field that no column was given is left out on purpose."""
    chosen = {field.name: "" for field in FIELDS[kind]}
    titles = [column.title for column in columns]
    for column in columns:
        name = data.get(f"column-{column.place}", "")
        if name in chosen and not chosen[name]:
            chosen[name] = f"#{column.place}" if titles.count(column.title) > 1 else column.title
    reading: dict[str, Any] = {
        key: kept[key] for key in ("encoding", "delimiter", "sheet", "has_header") if key in kept
    }
    return {**reading, "columns": chosen, "date_order": data.get("date_order", "")}
