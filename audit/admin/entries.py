"""Who did what to what: read only."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from audit.admin.filters import ActFilter, KindFilter
from audit.admin.words import (
    act_words,
    acts_named,
    change_in_words,
    field_words,
    kinds_named,
    object_words,
    value_words,
)
from audit.models import AuditEntry
from audit.selectors import Past, past_of, proof_of, says_first_bad, seal_state
from core.admin import EvidenceAdmin
from core.pages import in_frame
from core.registries import MenuEntry, menu
from core.templatetags.scrm import full_moment, moment

menu.register(
    MenuEntry(
        code="audit",
        group="compliance",
        title=_("Audit"),
        url_name="admin:audit_auditentry_changelist",
        icon="policy",
        permission="audit.view_auditentry",
        order=90,
    )
)


@admin.register(AuditEntry)
class AuditEntryAdmin(EvidenceAdmin):
    list_display = ("when", "who", "act", "what", "reason", "address")
    list_display_links = ("when",)
    list_filter = (("at", RangeDateTimeFilter), ActFilter, KindFilter, "actor_type")
    search_fields = ("object_label",)
    search_help_text = _("Act, kind of object, its number, the beginning of its name, or actor in full")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("exactly", "act"), "who", "what", "reason", "change_table")}),
        (_("From where"), {"fields": (("address", "request_id"), "user_agent")}),
    )
    readonly_fields = ("exactly", "act", "who", "what", "change_table")
    list_before_template = "audit/state.html"
    change_form_outer_before_template = "audit/verify_row.html"
    change_form_outer_after_template = "audit/past.html"

    def get_urls(self) -> list[URLPattern]:
        proof = path("<int:number>/proof/", self.admin_site.admin_view(self.proof), name="audit_auditentry_proof")
        return [proof, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the state of the seals on top."""
        now, state = timezone.now(), seal_state()
        seals = {
            "now": now,
            "seals": state,
            "seals_late": state.is_late(now),
            "fault": says_first_bad(state.verification),
        }
        return super().changelist_view(request, {**(extra_context or {}), **seals})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With what the object was before."""
        entry = self.get_queryset(request).filter(pk=object_id).first() if object_id.isdecimal() else None
        shown = [_past(entry, state) for state in past_of(entry)] if entry else []
        context = {**(extra_context or {}), "past": shown}
        return cast("HttpResponse", super().change_view(request, object_id, form_url, context))

    def proof(self, request: HttpRequest, number: int) -> HttpResponse:
        """One row verified now, and why, in words."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        entry = self.get_queryset(request).filter(pk=number).first()
        if entry is None:
            raise Http404
        proof = proof_of(entry)
        context = {
            "title": _("Proof of one row"),
            "entry": entry,
            "act": act_words(entry.action),
            "proof": proof,
            "now": timezone.now(),
            "fingerprint": proof.hash.hex(),
            "root": bytes(proof.seal.root).hex() if proof.seal else "",
            "steps": [(side, sibling.hex()) for side, sibling in proof.steps],
        }
        return in_frame(request, "audit/proof.html", context)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in {"object_type", "object_id", "actor_id"} or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """By the words that stand in the list, in the reader's language, and by codes and numbers in full.

        Each part has an index, for a log of ten million rows cannot be read through for one search.
        """
        del request
        text = search_term.strip()
        if not text:
            return queryset, False
        number = text.removeprefix("#")
        found = Q(action__in=[text, *acts_named(text)]) | Q(object_type__in=kinds_named(text))
        return queryset.filter(
            found | Q(object_id=number) | Q(actor_label=text) | Q(object_label__startswith=text)
        ), False

    @admin.display(description=_("when"), ordering="at")
    def when(self, entry: AuditEntry) -> SafeString | str:
        return moment(entry.at)

    @admin.display(description=_("when"))
    def exactly(self, entry: AuditEntry) -> SafeString:
        return full_moment(entry.at)

    @admin.display(description=_("action"), ordering="action")
    def act(self, entry: AuditEntry) -> str:
        return act_words(entry.action)

    @admin.display(description=_("actor"))
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_label or entry.get_actor_type_display()

    @admin.display(description=_("object"))
    def what(self, entry: AuditEntry) -> str:
        return object_words(entry)

    @admin.display(description=_("changes"))
    def change_table(self, entry: AuditEntry) -> SafeString | str:
        """Field, before, after; personal values were masked when the row was written."""
        if not entry.changes:
            return str(_("no fields changed"))
        rows = format_html_join(
            "",
            "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
            (change_in_words(entry, name, pair) for name, pair in sorted(entry.changes.items())),
        )
        head = format_html("<tr><th></th><th>{}</th><th>{}</th></tr>", _("before"), _("after"))
        return format_html(
            '<div class="s-scroll"><table class="s-table"><thead>{}</thead><tbody>{}</tbody></table></div>', head, rows
        )


def _past(entry: AuditEntry, state: Past) -> dict[str, Any]:
    fields = [(field_words(entry.object_type, name), value_words(value)) for name, value in state.fields.items()]
    return {
        "until": state.until,
        "act": state.entry,
        "words": act_words(state.entry.action) if state.entry else "",
        "fields": fields,
    }
