"""Edits of plain reference data (stores, cities, products): saved and recorded in one transaction."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from audit import services
from audit.rules import changes_between
from core.admin import ReferenceAdmin


class RecordedAdmin(ReferenceAdmin):
    """For tables without verbs of their own: whatever a form changes is written together with who changed what."""

    keeps_history = True

    def write(self, *, request: HttpRequest, obj: models.Model, form: "ModelForm[Any]", change: bool) -> None:
        verb = "change" if change else "create"
        with transaction.atomic():
            obj.save()
            services.record(
                by=_staff(request),
                action=f"{obj._meta.app_label}.{obj._meta.model_name}.{verb}",
                obj=obj,
                changes=changes_between(_before(form), _after(form)),
            )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done to this object, out of the record of acts instead of Django's own log."""
        del request, extra_context
        query = f"?object_type={self.opts.label_lower}&object_id={object_id}"
        return redirect(reverse("admin:audit_auditentry_changelist") + query)


def _before(form: "ModelForm[Any]") -> dict[str, Any]:
    return {name: _plain(form.initial.get(name)) for name in form.changed_data}


def _after(form: "ModelForm[Any]") -> dict[str, Any]:
    return {name: _plain(form.cleaned_data.get(name)) for name in form.changed_data}


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _staff(request: HttpRequest) -> AbstractBaseUser | None:
    return request.user if isinstance(request.user, AbstractBaseUser) else None
