"""What every page asks: who is here."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


class StaffRequest(HttpRequest):
    """What a view behind `core.pages.page` receives: somebody is signed in."""

    user: User  # narrowed: the guard let nobody else through


def staff_of(request: HttpRequest) -> User:
    """The member of staff who is signed in. Raises PermissionDenied for anybody else, whom no page lets in anyway."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
