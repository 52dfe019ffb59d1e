"""The admin site: Unfold's, with a record of who comes and goes, with the sidebar by the marketer's day and the bell."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.pages.sign_in import RecordedAccess
from scrm.unfold import first_page


class ScrmAdminSite(RecordedAccess):
    """One site for everybody; what somebody sees follows from the role."""

    site_title = _("SCRM")
    site_header = _("SCRM")
    index_title = _("Today")
    enable_nav_sidebar = True

    def get_urls(self) -> list[Any]:
        """Without "view on site": no object here has a page outside the admin."""
        return [each for each in super().get_urls() if getattr(each, "name", None) != "view_on_site"]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        user: User | AnonymousUser = request.user
        unread = user.notices.filter(read_at=None).count() if isinstance(user, User) else 0
        return {**super().each_context(request), "unread_notices": unread}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The first page of somebody's menu; Unfold's own index only where the menu is empty."""
        page = first_page(request)
        return redirect(page) if page else super().index(request, extra_context)
