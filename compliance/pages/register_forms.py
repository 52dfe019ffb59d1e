"""Forms of the registers: fields as the models have them, checked again and kept by the services."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.db import models
from django.forms.models import fields_for_model
from django.http import QueryDict

from accounts.models import User
from compliance.models import Incident, ProcessingActivity, Recipient, WatchedRule
from compliance.services.incidents import FIELDS as INCIDENT_FIELDS
from compliance.services.registers import ACTIVITY_FIELDS, RECIPIENT_FIELDS, RULE_FIELDS
from core.errors import ScrmError
from core.moments import bound_field

MOMENT = "%Y-%m-%dT%H:%M"
WIDGETS: Mapping[str, Callable[[], forms.Widget]] = {
    "DateField": lambda: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "DateTimeField": lambda: forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
    "TextField": lambda: forms.Textarea(attrs={"rows": 3}),
}


class RegisterForm(forms.Form):
    """What was typed, with what is wrong beside it."""

    def blame(self, refused: ScrmError) -> None:
        """Put a service's refusal beside its fields; the rest above the form."""
        for name, said in refused.fields.items():
            self.add_error(name if name in self.fields else None, [str(each) for each in said])
        if not refused.fields:
            self.add_error(None, str(refused))


def _form(model: type[models.Model], names: Sequence[str], data: QueryDict | None, row: Any) -> RegisterForm:
    widgets: dict[str, type[forms.Widget] | forms.Widget] = {
        name: WIDGETS[kind]() for name in names if (kind := model._meta.get_field(name).get_internal_type()) in WIDGETS
    }
    made = type("Form", (RegisterForm,), dict(fields_for_model(model, fields=names, widgets=widgets)))
    form: RegisterForm = made(data, initial={name: getattr(row, name) for name in names} if row else {})
    for field in form.fields.values():
        bound_field(field)
        if isinstance(field.widget, forms.Textarea | forms.TextInput | forms.DateInput | forms.DateTimeInput):
            field.widget.attrs.setdefault("class", "s-control")
    return form


def activity_form(data: QueryDict | None = None, row: ProcessingActivity | None = None) -> RegisterForm:
    return _form(ProcessingActivity, ACTIVITY_FIELDS, data, row)


def recipient_form(data: QueryDict | None = None, row: Recipient | None = None) -> RegisterForm:
    return _form(Recipient, RECIPIENT_FIELDS, data, row)


def rule_form(data: QueryDict | None = None, row: WatchedRule | None = None) -> RegisterForm:
    form = _form(WatchedRule, RULE_FIELDS, data, row)
    owners = form.fields["owner"]
    if isinstance(owners, forms.ModelChoiceField):
        owners.queryset = User.objects.filter(is_active=True, is_staff=True).order_by("display_name", "username")
    if row and data is None:
        form.initial["owner"] = row.owner_id
    return form


def incident_form(data: QueryDict | None = None, row: Incident | None = None) -> RegisterForm:
    return _form(Incident, INCIDENT_FIELDS, data, row)
