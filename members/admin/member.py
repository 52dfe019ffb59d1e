"""Members: a list of our own, a page of facts, and a form behind it."""

import re
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import staff_of
from core.admin import ScrmModelAdmin, sentence
from core.errors import ScrmError
from core.reading import one_reading
from core.registries import MenuEntry, menu
from members.admin import filter_form, member_list, member_page, searching
from members.admin.extension import MemberPanel, member_acts, member_columns, member_parts
from members.admin.member_form import MemberForm
from members.admin.scope import narrow
from members.models import Member, SavedView
from members.rules.identities import is_part_of_number
from members.services import create_member, delete_view, save_view, update_member

if TYPE_CHECKING:
    from members.models.member import MemberQuerySet

menu.register(
    MenuEntry(
        code="members",
        group="members",
        title=gettext_lazy("Member list"),
        url_name="admin:members_member_changelist",
        icon="group",
        permission="members.view_member",
        order=10,
    )
)
_NUMBER = re.compile(r"[0-9]{1,18}")


@admin.register(Member)
class MemberAdmin(ScrmModelAdmin):
    form = MemberForm
    fields = (("name", "gender"), ("birthday", "city"), ("home_store", "guide"), "registered_at", "channel", "seen")
    autocomplete_fields = ("city", "home_store", "guide")
    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:member_id>/edit/", view(self.edit_view), name="members_member_edit"),
            path("<int:member_id>/part/<slug:code>/", view(self.part_view), name="members_member_part"),
            path("act/<slug:code>/", view(self.act_view), name="members_member_act"),
            path("views/add/", view(self.save_view), name="members_view_add"),
            path("views/<int:view_id>/delete/", view(self.delete_view_of), name="members_view_delete"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The search is posted and shown at a sealed address; one that came in clear by a link is moved there too."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        by, now = staff_of(request), timezone.now()
        if request.method == "POST" or searching.is_plain(request.GET):
            asked = request.POST if request.method == "POST" else request.GET
            return redirect(f"{request.path}?{searching.sealed(asked, by=by, now=now).urlencode(safe='~')}")
        try:
            params = searching.opened(request.GET, by=by, now=now)
        except searching.SearchExpired as error:
            messages.warning(request, sentence(error))
            return redirect(f"{request.path}?{searching.without_search(request.GET).urlencode()}")
        with one_reading():
            context = {**self.admin_site.each_context(request), **self._list(request, params), **(extra_context or {})}
        return TemplateResponse(request, "members/member_list.html", context)

    def _list(self, request: HttpRequest, params: QueryDict) -> dict[str, Any]:
        """`params` are those of the address with the search in clear: good for filtering, never for a link."""
        sort = member_list.Sort.read(request.GET.get("sort", ""))
        number = member_list.page_number(request.GET)
        members = cast("MemberQuerySet", self.get_queryset(request))
        found, errors = member_list.found_in(members.active(), params, now=timezone.now())
        controls = filter_form.controls_for(request.GET, errors, user=staff_of(request))
        shown, more = member_list.page_of(sort.apply(found), number)
        count, exact = member_list.count_of(found, shown, number, more=more)
        columns = list(member_columns)
        view_query = member_list.view_query(request.GET)
        return {
            "title": _("Members"),
            "rows": member_list.rows_of(shown, columns),
            "heads": member_list.heads_of(columns, sort),
            "count": count,
            "exact": exact,
            "first": (number - 1) * member_list.PER_PAGE + 1,
            "last": (number - 1) * member_list.PER_PAGE + len(shown),
            "previous": number - 1,
            "next": number + 1 if more and number < member_list.LAST_PAGE else 0,
            "ends_early": more and number == member_list.LAST_PAGE,
            "sort_note": sort.column.sort_note if sort.column else "",
            "acts": member_list.acts_for(request),
            "views": member_list.views_for(request, view_query),
            "view_query": view_query,
            "controls": controls,
            "part_of_number": is_part_of_number(params.get("q", "")),
            "chips": filter_form.chips_for(controls, request.GET, search=params.get("q", "")),
            "open_filters": bool(errors),
            "can_add": self.has_add_permission(request),
            "can_save_view": request.user.has_perm("members.add_savedview"),
            "q": params.get("q", ""),
        }

    def save_view(self, request: HttpRequest) -> HttpResponse:
        """POST: keep the filters of the list under a name."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("members.add_savedview"):
            raise PermissionDenied
        params = QueryDict(request.POST.get("query", ""))
        here = f"{reverse('admin:members_member_changelist')}?{member_list.view_query(params)}"
        try:
            save_view(
                by=staff_of(request),
                now=timezone.now(),
                name=request.POST.get("name", ""),
                params=member_list.filters_in(params),
                shared=bool(request.POST.get("shared")),
            )
        except ScrmError as error:
            messages.error(request, sentence(error))
        return redirect(here)

    def delete_view_of(self, request: HttpRequest, view_id: int) -> HttpResponse:
        """POST: forget a view of one's own."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("members.delete_savedview"):
            raise PermissionDenied
        view = get_object_or_404(SavedView, pk=view_id)
        try:
            delete_view(by=staff_of(request), now=timezone.now(), view=view)
        except ScrmError as error:
            messages.error(request, sentence(error))
        return redirect("admin:members_member_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The facts; the form is at `edit/`."""
        del form_url
        member = self._member(request, object_id)
        with one_reading():
            context = {
                **self.admin_site.each_context(request),
                **member_page.page_context(request, member),
                "s_title": _("Members"),
                "acts": member_list.acts_for(request),
                **(extra_context or {}),
            }
        return TemplateResponse(request, "members/member_page.html", context)

    def part_view(self, request: HttpRequest, member_id: int, code: str) -> HttpResponse:
        """One panel's own address; whose member it is, the part checks through `visible_to`."""
        later = member_page.later_panels()
        if code not in member_parts and code not in later:
            raise Http404
        part = later[code] if code in later else member_parts.get(code)
        if not self.has_view_or_change_permission(request) or (
            part.permission and not request.user.has_perm(part.permission)
        ):
            raise PermissionDenied
        if isinstance(part, MemberPanel):
            return member_page.later_panel(request, member_id, part)
        return part.view(request, member_id)

    def act_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """Something done to selected members; asked for, never followed: the list posts its selection."""
        if code not in member_acts:
            raise Http404
        act = member_acts.get(code)
        if not request.user.has_perm(act.permission):
            raise PermissionDenied
        return act.view(request) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def edit_view(self, request: HttpRequest, member_id: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        self._member(request, str(member_id))
        return self.changeform_view(request, str(member_id), "", None)

    def get_form(
        self,
        request: HttpRequest,
        obj: Member | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        **kwargs: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        narrow(form.base_fields, user=staff_of(request), member=obj)
        return form

    def save_model(self, request: HttpRequest, obj: Member, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001  # Django's signature
        """Only what was changed is handed to the service, which checks and records it."""
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        if change:
            stored = update_member(member=Member(pk=obj.pk), by=staff_of(request), now=timezone.now(), **given)
        else:
            stored = create_member(by=staff_of(request), now=timezone.now(), **given)
        obj.pk = stored.pk

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Nothing hangs on the form."""

    def response_post_save_change(self, request: HttpRequest, obj: Member) -> HttpResponse:
        del request
        return redirect("admin:members_member_change", obj.pk)

    def response_post_save_add(self, request: HttpRequest, obj: Member) -> HttpResponse:
        del request
        return redirect("admin:members_member_change", obj.pk)

    def _member(self, request: HttpRequest, object_id: str) -> Member:
        """A member that this person may see; whoever is outside of the scope does not exist."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if not _NUMBER.fullmatch(object_id):
            raise Http404
        members = self.get_queryset(request).select_related("city", "home_store", "guide")
        member: Member | None = members.filter(pk=object_id).first()
        if member is None:
            raise Http404(_("There is no such member, or none that you may see."))
        return member
