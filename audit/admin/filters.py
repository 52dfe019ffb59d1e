"""What the record of acts is narrowed down by: the act and the kind of object, in words."""

from operator import itemgetter

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from audit.admin.words import act_words, kind_words
from audit.models import AuditEntry
from audit.selectors import recorded_values


class ActFilter(DropdownFilter):
    title = _("action")
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[AuditEntry]") -> list[tuple[str, str]]:
        del request, model_admin
        return sorted(((code, act_words(code)) for code in recorded_values("action")), key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        del request
        return queryset.filter(action=self.value()) if self.value() else queryset


class KindFilter(DropdownFilter):
    title = _("kind of object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[AuditEntry]") -> list[tuple[str, str]]:
        del request, model_admin
        kinds = filter(None, recorded_values("object_type"))
        return sorted(((kind, kind_words(kind)) for kind in kinds), key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        del request
        return queryset.filter(object_type=self.value()) if self.value() else queryset
