"""What WeCom told us and what was turned away. The content of a callback is shown to nobody."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.pages import staff_of
from core.admin import EvidenceAdmin, sentence
from core.templatetags.scrm import moment
from wecom.enums import CallbackState
from wecom.errors import NothingToReplay
from wecom.models import CallbackEvent, CallbackRefusal
from wecom.services.replaying import replay

MOST = 5_000


@admin.register(CallbackEvent)
class CallbackEventAdmin(EvidenceAdmin):
    list_display = ("received", "event", "change", "app", "lane", "state", "attempts", "error")
    list_select_related = ("app",)
    list_filter = ("state", "lane", "app")
    search_fields = ("event", "change")
    actions_list = ("all_again",)
    actions_detail = ("again",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("app", "lane"),
                    ("event", "change"),
                    ("happened_at", "received_at", "repeats"),
                    ("state", "attempts", "due_at"),
                    ("handled", "finished_at"),
                    "error",
                )
            },
        ),
    )

    @admin.display(description=_("received"), ordering="received_at")
    def received(self, event: CallbackEvent) -> Any:
        return moment(event.received_at)

    @action(  # type: ignore[untyped-decorator]  # Unfold comes without types
        description=_("Work on it again"), url_path="again", permissions=("replay",), icon="replay"
    )
    def again(self, request: HttpRequest, object_id: int | str) -> HttpResponse:
        """Asks for the reason, because whoever handled it may do so once more."""
        event = self.get_object(request, str(object_id))
        if event is None:
            raise Http404
        return self._asked(request, [event.pk], reverse("admin:wecom_callbackevent_change", args=(event.pk,)))

    @action(  # type: ignore[untyped-decorator]  # Unfold comes without types
        description=_("Work on all again that were given up"),
        url_path="all-again",
        permissions=("replay",),
        icon="replay",
    )
    def all_again(self, request: HttpRequest) -> HttpResponse:
        dead = self.get_queryset(request).filter(state=CallbackState.DEAD).order_by("pk")
        numbers = list(dead.values_list("pk", flat=True)[:MOST])
        return self._asked(request, numbers, reverse("admin:wecom_callbackevent_changelist"))

    def has_replay_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        del object_id
        return bool(request.user.has_perm("wecom.change_callbackevent"))

    def _asked(self, request: HttpRequest, numbers: list[int], back: str) -> HttpResponse:
        reason = request.POST.get("reason", "").strip()
        if request.method == "POST" and reason:
            try:
                count = replay(event_ids=numbers, by=staff_of(request), now=timezone.now(), reason=reason)
            except NothingToReplay as error:
                messages.error(request, sentence(error))
            else:
                said = ngettext("%(count)d callback waits again.", "%(count)d callbacks wait again.", count)
                messages.success(request, said % {"count": count})
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Work on it again"),
            "count": len(numbers),
            "back": back,
        }
        return TemplateResponse(request, "wecom/again.html", context)


@admin.register(CallbackRefusal)
class CallbackRefusalAdmin(EvidenceAdmin):
    list_display = ("day", "app", "reason", "count", "last")
    list_select_related = ("app",)
    list_filter = ("reason", "app")
    fields = ("day", "app", "reason", ("count", "last_at"))

    @admin.display(description=_("last"), ordering="last_at")
    def last(self, refusal: CallbackRefusal) -> Any:
        return moment(refusal.last_at)
