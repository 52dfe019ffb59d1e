"""Who asks, as a user of ours."""

from rest_framework.request import Request

from accounts.enums import Reach
from accounts.models import User
from core.errors import NotAllowed, NotAuthenticated


def caller_of(request: Request) -> User:
    """The user behind the key. Raises NotAuthenticated for anybody else, whom no permission lets through anyway."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def sees_everybody(request: Request) -> bool:
    return caller_of(request).reach == Reach.ALL


def require_everybody(request: Request) -> User:
    """For sums of everybody, which a key held to stores is not told. Raises NotAllowed."""
    if not sees_everybody(request):
        raise NotAllowed
    return caller_of(request)
