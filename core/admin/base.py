"""The one place where the admin asks who may see and do what."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from core.admin.paginator import EstimatedPaginator
from core.errors import ScrmError
from core.moments import refuse_never


def sentence(error: ScrmError) -> str:
    """What an operator reads: the message, what is wrong with which value, and what to do."""
    details = [str(detail) for said in error.fields.values() for detail in said]
    return " ".join(filter(None, dict.fromkeys([str(error), *details, str(error.hint)])))


class ScrmModelAdmin(ModelAdmin):
    """Rows through `visible_to`, estimated counts, no deletion unless said, errors of services as sentences.

    Django's own log of admin acts is not kept: services write the audit, and the log would keep names after erasure.
    """

    paginator = EstimatedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True
    actions: Sequence[Any] | None = None
    deletable = False
    keeps_history = False  # whether the page has a history of its own to show

    def formfield_for_dbfield(self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Days and moments of a life only: what lies outside, the database keeps and no page can show."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, models.DateField):
            field.validators.append(refuse_never)
        return field

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        queryset = super().get_queryset(request)
        visible_to = getattr(queryset, "visible_to", None)
        found: models.QuerySet[Any] = visible_to(request.user) if visible_to else queryset
        return found

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.deletable and super().has_delete_permission(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Titled by what is listed, instead of telling to select one."""
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return cast("HttpResponse", super().changelist_view(request, context))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What a service refuses is shown above the form that was sent, which stays as it was."""
        context = {"show_history": self.keeps_history, **(extra_context or {})}
        if object_id is None:
            context.setdefault("title", _("New: %(kind)s") % {"kind": self.opts.verbose_name})
        else:
            context.setdefault("title", capfirst(self.opts.verbose_name))
        try:
            return cast("HttpResponse", super().changeform_view(request, object_id, form_url, context))
        except ScrmError as error:
            if request.method != "POST":
                raise
            messages.error(request, sentence(error))
            return HttpResponseRedirect(request.get_full_path())

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> None:
        del request, obj, message

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:
        del request, obj, message

    def log_deletions(self, request: HttpRequest, queryset: "models.QuerySet[Any]") -> None:
        del request, queryset


class EvidenceAdmin(ScrmModelAdmin):
    """Rows that the product writes and nobody edits."""

    list_filter_submit = True
    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        del request, obj
        return False


class ReferenceAdmin(ScrmModelAdmin):
    """Hands a filled form to one verb: subclasses say which in `write`."""

    def write(self, *, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: bool) -> None:
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001  # Django's signature
        self.write(request=request, obj=obj, form=form, change=change)
