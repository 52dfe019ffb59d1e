"""Pages for signed-in staff."""

from django.http import HttpRequest

from accounts.models import User


class StaffRequest(HttpRequest):
    """What a view behind `core.pages.page` receives: somebody is signed in."""

    user: User  # type: ignore[assignment]  # narrowed: the guard let nobody else through
