"""Scopes: nothing is open unless a view says by which scope, and the caller holds it."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.api.authentication import scopes_of

if TYPE_CHECKING:  # views import the settings, which name this class as the default
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """A view says `scope = "members"`: reading asks for `members:read`, anything else for `members:write`.

    A key needs the scope *and* its user the permission behind it; a person signed in needs the permission alone:
    `scope_permissions = {"read": "members.view_member", "write": "members.change_member"}`. An action with a scope of
    its own sets `scope="members.reveal"` in its `@action`, and one that reads although it is a POST (so that a phone
    number stands in no address) `access="read"`. A view without any scope is a fault and answers nobody.
    `message` says what was missing.
    """

    message = ""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            return False
        method = request.method or ""
        held, wanted = scopes_of(request), required_scope(view, method)
        if held is not None and wanted not in held:
            self.message = _("The key needs the scope %(scope)s.") % {"scope": wanted}
            return False
        permission = _setting(view, "scope_permissions").get(access_of(view, method))
        if permission is not None and request.user.has_perm(permission):
            return True
        self.message = _("The role of the user does not allow %(scope)s.") % {"scope": wanted}
        return False


def required_scope(view: "APIView", method: str) -> str:
    """The scope by its full name, also for the OpenAPI description."""
    return f"{_setting(view, 'scope')}:{access_of(view, method)}"


def access_of(view: "APIView", method: str) -> str:
    """Which half of the scope: read, or write."""
    return str(getattr(view, "access", "")) or ("read" if method in SAFE_METHODS else "write")


def _setting(view: "APIView", name: str) -> Any:
    value = getattr(view, name, None)
    if not value:
        raise ImproperlyConfigured(f"{type(view).__name__} needs `{name}`: no view is open without one.")
    return value
