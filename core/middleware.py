"""What stands before every view: an id and an origin for each request, and no NUL; and what browsers may do."""

import ipaddress
import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

from core.context import Origin, acting_from
from core.rules.faults import is_about_nul

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class OriginMiddleware:
    """First in the list, so that everything behind it knows the origin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = origin_of(request)
        with acting_from(origin):
            response = self.get_response(request)
        response["X-Request-ID"] = origin.request_id
        return response


class PermissionsPolicyMiddleware:
    """No page of ours asks for the camera, the place or any other ability of the browser, nor lets another page ask."""

    DENIED = (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
        "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
        "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock",
        "serial", "usb", "xr-spatial-tracking",
    )  # fmt: skip
    POLICY = ", ".join(f"{name}=()" for name in DENIED)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", self.POLICY)
        return response


class NulMiddleware:
    """The character NUL is in no text that the database could hold: whoever sends it is answered 400, wherever it stood.

    The API says so itself, in its own form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or ("%00" in request.META.get("QUERY_STRING", "") and not _is_api(request)):
            raise BadRequest("NUL in the address")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What came in a form is found when it reaches the database."""
        if isinstance(exception, ValueError | DataError) and is_about_nul(exception) and not _is_api(request):
            return bad_request(request, exception)
        return None


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def origin_of(request: HttpRequest) -> Origin:
    return Origin(
        address=client_address(request),
        user_agent=_printable(request.headers.get("User-Agent", ""))[:200],
        request_id=_request_id(request.headers.get("X-Request-ID", "")),
    )


def client_address(request: HttpRequest) -> str | None:
    """The address that the nearest trusted machine saw.

    X-Forwarded-For is read from the right, past the proxies in SCRM_TRUSTED_PROXIES (addresses or networks) only: what
    a client writes there itself changes nothing.
    """
    address = _address(request.META.get("REMOTE_ADDR", ""))
    trusted = [ipaddress.ip_network(text) for text in getattr(settings, "SCRM_TRUSTED_PROXIES", ())]
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    while address is not None and hops and any(address in network for network in trusted):
        nearer = _address(hops.pop())
        if nearer is None:
            break
        address = nearer
    return None if address is None else str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _request_id(offered: str) -> str:
    return offered if _REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
