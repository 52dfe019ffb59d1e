"""How fast a caller may ask."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from core.api.authentication import actor_of
from core.errors import TooManyRequests
from core.services.rate_limits import Rate, take

DEFAULT = Rate(burst=100, per_second=20)


class TokenBucketThrottle(BaseThrottle):
    """SCRM_API_RATE = (burst, per second) for each key, each user, and each address without either."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        del view
        spend(actor_of(request))
        return True


def spend(actor: str) -> None:
    """One request of this caller. Raises TooManyRequests."""
    configured = getattr(settings, "SCRM_API_RATE", None)
    wait = take(f"api|{actor}", Rate(*configured) if configured else DEFAULT)
    if wait:
        raise TooManyRequests(retry_after=wait)
