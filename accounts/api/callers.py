"""Who asks, as a user of ours."""

from rest_framework.request import Request

from accounts.models import User
from core.errors import NotAuthenticated


def caller_of(request: Request) -> User:
    """The user behind the key. Raises NotAuthenticated for anybody else, whom no permission lets through anyway."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
