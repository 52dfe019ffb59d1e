"""Pages for signed-in staff."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


class StaffRequest(HttpRequest):
    """What a view behind `core.pages.page` receives: somebody is signed in."""

    user: User  # narrowed: the guard let nobody else through


def staff_of(request: HttpRequest) -> User:
    """Who is signed in, where the signature is Django's. Raises PermissionDenied for anybody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
